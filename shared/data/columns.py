"""Rows as columns: for each name, a list with a value for each row.

To make a dict of each of a thousand rows, and to read it again, takes longer than a model does.
"""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Columns = dict[str, list[Any]]


def of(rows: Sequence[Mapping[str, Any]], names: Iterable[str]) -> Columns:
    """Return the columns of these names; None for what a row leaves out."""
    return {name: [row.get(name) for row in rows] for name in names}


def rows(columns: Columns) -> list[dict[str, Any]]:
    """Return each row by itself."""
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def size(columns: Columns) -> int:
    """Return how many rows there are."""
    return len(next(iter(columns.values()), ()))


def part(columns: Columns, start: int, end: int) -> Columns:
    """Return the rows from `start` until before `end`."""
    return {name: values[start:end] for name, values in columns.items()}


def joined(parts: Sequence[Columns]) -> Columns:
    """Return the rows of all parts, which have the same names, one part after another."""
    if len(parts) == 1:
        return parts[0]
    return {
        name: list(itertools.chain.from_iterable(part[name] for part in parts)) for name in parts[0]
    }
