"""Intervals around predictions that hold a share of the outcomes: split conformal prediction.

They reach as far as the residuals did of rows that the model had not seen, with predictions alike,
below and above apart: errors need be neither symmetric nor normal, nor as large everywhere
(Lei, G'Sell, Rinaldo, Tibshirani, Wasserman, Distribution-free predictive inference for regression,
2018; by bins and groups: Vovk, Conditional validity of inductive conformal predictors, 2012).
"""

import math
from collections.abc import Iterable
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa
from pydantic import BaseModel, ConfigDict

from shared.errors import Refusal
from shared.sections.answers import Interval
from shared.tasks.outcome_statistics import ABOVE, BELOW, Share
from shared.tasks.task import Rows, Rule

LOW, HIGH = "low", "high"
# The ends of a smaller group's interval would be those of a few rows.
FEWEST_ROWS = 50
# Predictions have so many bins where each has as many rows.
MOST_BINS, BIN_ROWS = 10, 200
Group = tuple[str | None, ...]


class Reach(BaseModel):
    """How far intervals reach below (as a rule negative) and above predictions.

    Each is by bins of predictions, between which `edges` rise.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    edges: tuple[float, ...] = ()
    below: tuple[float, ...]
    above: tuple[float, ...]

    def ends(self, prediction: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the low and the high end of each prediction's interval; both of shape (rows,)."""
        edges, below, above = self._arrays
        at = edges.searchsorted(prediction, side="right")
        return prediction + below[at], prediction + above[at]

    @cached_property
    def _arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return np.array(self.edges), np.array(self.below), np.array(self.above)


class GroupReach(Reach):
    """How far intervals reach in one group, and of how many rows that is known."""

    values: Group
    rows: int


class Intervals(Rule):
    """How far intervals reach from predictions, in all rows and in the groups that are known.

    A group is of rows with the same values of the features `by`, written as texts.
    """

    kind: Literal["intervals"] = "intervals"
    coverage: float
    overall: Reach
    by: tuple[str, ...] = ()
    groups: tuple[GroupReach, ...] = ()

    def ends(self, prediction: np.ndarray, rows: Rows) -> tuple[np.ndarray, np.ndarray]:
        """Return the low and the high end of each prediction's interval; both of shape (rows,)."""
        low, high = self.overall.ends(prediction)
        if self.groups:
            found = (self._places.get(group, -1) for group in groups(rows, self.by))
            at = np.fromiter(found, "int64", len(prediction))
            for place in np.unique(at[at >= 0]):
                within = at == place
                low[within], high[within] = self.groups[place].ends(prediction[within])
        return low, high

    @cached_property
    def _places(self) -> dict[Group, int]:
        return {group.values: place for place, group in enumerate(self.groups)}


def conformal(
    prediction: np.ndarray, residual: np.ndarray, rows: Rows, interval: Interval
) -> Intervals:
    """Return intervals by the residuals (target less prediction) of rows the model has not seen.

    A group with too few rows is not among the groups. Raises `Refusal` when there are too few rows
    at all.
    """
    overall = _reach(prediction, residual, interval.coverage)
    if overall is None:
        raise Refusal(
            f"{len(residual):,} validation rows are too few for intervals with a coverage of "
            f"{interval.coverage:g}: move the dates or shares in [split], or ask for less"
        )
    found = []
    for group, at in _rows_by_group(rows, interval.by).items():
        if len(at) >= FEWEST_ROWS:
            reach = _reach(prediction[at], residual[at], interval.coverage)
            if reach:
                found.append(GroupReach(values=group, rows=len(at), **reach.model_dump()))
    coverage, by = interval.coverage, interval.by
    return Intervals(coverage=coverage, overall=overall, by=by, groups=tuple(found))


def groups(rows: Rows, by: Iterable[str]) -> Iterable[Group]:
    """Return the group of each row, however rows come: values alike are one text."""
    return zip(*(_written(rows[name]) for name in by), strict=True)


def _reach(prediction: np.ndarray, residual: np.ndarray, coverage: float) -> Reach | None:
    """Return how far the residuals reach by bins of predictions, None of too few rows."""
    whole = _ends(residual, coverage)
    if whole is None:
        return None
    bins = max(1, min(MOST_BINS, len(residual) // max(BIN_ROWS, math.ceil(2 / (1 - coverage)))))
    edges = np.unique(np.quantile(prediction, np.arange(1, bins) / bins))
    at = np.searchsorted(edges, prediction, side="right")
    # Where many predictions are one number, a bin may be empty.
    ends = [_ends(residual[at == place], coverage) or whole for place in range(len(edges) + 1)]
    below, above = zip(*ends, strict=True)
    return Reach(edges=tuple(edges.tolist()), below=below, above=above)


def _ends(residual: np.ndarray, coverage: float) -> tuple[float, float] | None:
    """Return the residuals between which a new one lies with at least this chance, if known."""
    count = len(residual)
    # Rounded, as 0.95 times 20 is a little more than 19.
    rank = math.ceil(round((count + 1) * (1 + coverage) / 2, 9))
    if rank > count:
        return None
    ordered = np.sort(residual)
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


def interval_shares(above: int, below: int, rows: int, coverage: float) -> dict[str, Share]:
    """Return the outcomes on each side of their intervals, of which as many are expected."""
    each = rows * (1 - coverage) / 2
    return {
        ABOVE: Share(float(above), each),
        BELOW: Share(float(below), each),
    }
