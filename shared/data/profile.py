"""The profile of a table: per column, what is missing, and counts over bins that a reference fixed.

Numbers are counted in the reference's quantile bins, each with the sum of its values, so that a
distance between two profiles needs neither table. Categories are counted by name.
"""

from typing import Literal, TypedDict

import numpy as np
import pandas as pd

from shared.data.contract import Contract, ContractColumn

BINS = 64
# A column with more distinct values than this keeps the most frequent; the rest are `other`.
MOST_CATEGORIES = 1_000
# What a model answered, beside the contract's columns.
ANSWERS = ("probability",)


class NumberProfile(TypedDict):
    """A numeric column: bin i of `counts` and `sums` is under, k bins between edges, over."""

    kind: Literal["number"]
    missing: int
    unreadable: int
    min: float | None
    max: float | None
    mean: float | None
    std: float | None
    edges: list[float]
    counts: list[int]
    sums: list[float]


class CategoryProfile(TypedDict):
    """A categorical column: rows by category, and the rows of those too rare to be listed."""

    kind: Literal["category"]
    missing: int
    counts: dict[str, int]
    other: int


class Profile(TypedDict):
    """A table: its rows, and its columns by name (a column that is absent has no profile)."""

    rows: int
    columns: dict[str, NumberProfile | CategoryProfile]


def of(frame: pd.DataFrame, contract: Contract, reference: Profile | None = None) -> Profile:
    """Profile the contract's features, and `probability` where it is there.

    With a reference, numbers are counted in its bins; without, in up to 64 quantile bins of their
    own. Every value is JSON-able. Values that are no finite numbers in a numeric column are counted
    as `unreadable`.
    """
    bins = reference["columns"] if reference else {}
    columns: dict[str, NumberProfile | CategoryProfile] = {}
    for name in contract.features:
        if name not in frame:
            continue
        if name in contract.categorical:
            columns[name] = _categories(frame[name])
        else:
            values = _numbers(frame[name], contract[name])
            columns[name] = _number(frame[name], values, bins.get(name))
    for name in ANSWERS:
        if name in frame:
            values = pd.to_numeric(frame[name], errors="coerce").to_numpy("float64")
            columns[name] = _number(frame[name], values, bins.get(name))
    return {"rows": len(frame), "columns": columns}


def edges(values: np.ndarray) -> list[float]:
    """Return up to 65 rising edges with about equally many of the values between each two.

    A column of few distinct values gets a bin for each. No values, no edges.
    """
    if not len(values):
        return []
    distinct = np.unique(values)
    if len(distinct) > BINS:
        distinct = np.unique(np.quantile(values, np.linspace(0, 1, BINS + 1)[:-1], method="lower"))
    return [float(edge) for edge in distinct] + [float(np.nextafter(values.max(), np.inf))]


def _numbers(values: pd.Series, column: ContractColumn) -> np.ndarray:
    """Return a column as float64, times as seconds since 1970; what cannot be read is NaN."""
    if column.type == "time":
        moments = pd.to_datetime(values, utc=True, errors="coerce")
        return (moments - pd.Timestamp(0, tz="UTC")).dt.total_seconds().to_numpy("float64")
    return pd.to_numeric(values, errors="coerce").to_numpy("float64", na_value=np.nan)


def _number(
    raw: pd.Series, values: np.ndarray, reference: NumberProfile | CategoryProfile | None
) -> NumberProfile:
    missing = int(raw.isna().sum())
    known = values[np.isfinite(values)]
    fixed = reference if reference and reference["kind"] == "number" else None
    limits = fixed["edges"] if fixed else edges(known)
    counts, sums = _binned(known, np.asarray(limits))
    any_known = bool(len(known))
    return {
        "kind": "number",
        "missing": missing,
        "unreadable": len(values) - len(known) - missing,
        "min": float(known.min()) if any_known else None,
        "max": float(known.max()) if any_known else None,
        "mean": float(known.mean()) if any_known else None,
        "std": float(known.std()) if any_known else None,
        "edges": limits,
        "counts": counts,
        "sums": sums,
    }


def _binned(values: np.ndarray, limits: np.ndarray) -> tuple[list[int], list[float]]:
    size = len(limits) + 1
    if not len(values):
        return [0] * size, [0.0] * size
    at = np.searchsorted(limits, values, side="right")
    counts = np.bincount(at, minlength=size)
    return counts.tolist(), np.bincount(at, weights=values, minlength=size).tolist()


def _categories(raw: pd.Series) -> CategoryProfile:
    codes, names = pd.factorize(raw)
    counted = np.bincount(codes[codes >= 0], minlength=len(names))
    totals: dict[str, int] = {}
    for name, count in zip(names, counted, strict=True):
        totals[str(name)] = totals.get(str(name), 0) + int(count)
    ordered = sorted(totals.items(), key=lambda item: (-item[1], item[0]))
    return {
        "kind": "category",
        "missing": int((codes < 0).sum()),
        "counts": dict(ordered[:MOST_CATEGORIES]),
        "other": sum(count for _, count in ordered[MOST_CATEGORIES:]),
    }
