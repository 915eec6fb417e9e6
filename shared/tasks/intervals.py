"""Intervals around predictions that hold a share of the outcomes: split conformal prediction.

They reach as far as the residuals did of rows that the model had not seen, below and above apart:
errors need be neither symmetric nor normal (Lei, G'Sell, Rinaldo, Tibshirani, Wasserman,
Distribution-free predictive inference for regression, 2018; by groups: Vovk, Conditional validity
of inductive conformal predictors, 2012).
"""

import math
from collections.abc import Iterable
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
from pydantic import BaseModel, ConfigDict

from shared.errors import Refusal
from shared.sections import Interval
from shared.tasks.task import Rows, Rule

LOW, HIGH = "low", "high"
# The ends of a smaller group's interval would be those of a few rows.
FEWEST_ROWS = 50
Group = tuple[str | None, ...]


class GroupInterval(BaseModel):
    """How far intervals reach below (as a rule negative) and above predictions in one group."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    values: Group
    below: float
    above: float
    rows: int


class Intervals(Rule):
    """How far intervals reach from predictions, in all rows and in the groups that are known.

    A group is of rows with the same values of the features `by`, written as texts.
    """

    kind: Literal["intervals"] = "intervals"
    coverage: float
    below: float
    above: float
    by: tuple[str, ...] = ()
    groups: tuple[GroupInterval, ...] = ()

    def ends(self, prediction: np.ndarray, rows: Rows) -> tuple[np.ndarray, np.ndarray]:
        """Return the low and the high end of each prediction's interval; both of shape (rows,)."""
        if not self.groups:
            return prediction + self.below, prediction + self.above
        places = {group.values: place for place, group in enumerate(self.groups, start=1)}
        at = np.array([places.get(group, 0) for group in groups(rows, self.by)], dtype="int64")
        below = np.array([self.below, *(group.below for group in self.groups)])
        above = np.array([self.above, *(group.above for group in self.groups)])
        return prediction + below[at], prediction + above[at]


def conformal(residuals: np.ndarray, rows: Rows, interval: Interval) -> Intervals:
    """Return intervals by the residuals (target less prediction) of rows the model has not seen.

    A group with too few rows is not among the groups. Raises `Refusal` when there are too few rows
    at all.
    """
    reach = _reach(residuals, interval.coverage)
    if reach is None:
        raise Refusal(
            f"{len(residuals):,} validation rows are too few for intervals with a coverage of "
            f"{interval.coverage:g}: move the dates or shares in [split], or ask for less"
        )
    found = []
    for group, at in _rows_by_group(rows, interval.by).items():
        ends = _reach(residuals[at], interval.coverage) if len(at) >= FEWEST_ROWS else None
        if ends:
            found.append(GroupInterval(values=group, below=ends[0], above=ends[1], rows=len(at)))
    return Intervals(
        coverage=interval.coverage,
        below=reach[0],
        above=reach[1],
        by=interval.by,
        groups=tuple(found),
    )


def groups(rows: Rows, by: Iterable[str]) -> Iterable[Group]:
    """Return the group of each row, however rows come: values alike are one text."""
    return zip(*(_written(rows[name]) for name in by), strict=True)


def _reach(residuals: np.ndarray, coverage: float) -> tuple[float, float] | None:
    """Return the residuals between which a new one lies with at least this chance, if known."""
    count = len(residuals)
    # Rounded, as 0.95 times 20 is a little more than 19.
    rank = math.ceil(round((count + 1) * (1 + coverage) / 2, 9))
    if rank > count:
        return None
    ordered = np.sort(residuals)
    return float(ordered[count - rank]), float(ordered[rank - 1])


def _rows_by_group(rows: Rows, by: tuple[str, ...]) -> dict[Group, np.ndarray]:
    found: dict[Group, list[int]] = {}
    for at, group in enumerate(groups(rows, by) if by else ()):
        found.setdefault(group, []).append(at)
    return {group: np.array(at) for group, at in found.items()}


def _written(column: Any) -> list[str | None]:
    """Return the values of a column as texts, each number as a float: a log has no whole ones."""
    if isinstance(column, pa.ChunkedArray | pa.Array):
        values = column.to_pylist()
    else:
        values = column.tolist() if isinstance(column, pd.Series | np.ndarray) else list(column)
    texts = {value: _text(value) for value in set(values)}
    return [texts[value] for value in values]


def _text(value: Any) -> str | None:
    if pd.isna(value):
        return None
    if isinstance(value, bool | int | float | np.number | np.bool_):
        # Zero has two signs, and one text.
        return repr(float(value) + 0.0)
    return str(value)
