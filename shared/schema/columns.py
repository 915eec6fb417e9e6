"""Rows as columns: for each name, a list with a value for each row.

To make a dict of each of a thousand rows, and to read it again, takes longer than a model does.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from shared.errors import Refusal

Columns = dict[str, list[Any]]


def of_rows(rows: Sequence[Mapping[str, Any]], names: Iterable[str]) -> Columns:
    """Return the columns of these names; None for what a row leaves out."""
    return {name: [row.get(name) for row in rows] for name in names}


def named(names: Iterable[str], values: Iterable[tuple[Any, ...]]) -> Columns:
    """Return the columns of rows, of one or more, that have their values in the names' order."""
    return dict(zip(names, map(list, zip(*values, strict=True)), strict=True))


def rows(columns: Columns) -> list[dict[str, Any]]:
    """Return each row by itself."""
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def size(columns: Columns) -> int:
    """Return how many rows there are."""
    return len(next(iter(columns.values()), ()))


def own_name(name: str, taken: Iterable[str]) -> str:
    """Return a name for a column of ours beside others: with underscores where it is taken."""
    known = {other.casefold() for other in taken}
    while name in known:
        name += "_"
    return name


def once_each(names: Sequence[str], place: str) -> list[str]:
    """Return the names of a table's columns; raises `Refusal` where one stands there twice."""
    if twice := [name for name in dict.fromkeys(names) if names.count(name) > 1]:
        raise Refusal(f"{place}: columns {twice} are there more than once: rename one")
    return list(names)
