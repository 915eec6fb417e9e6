"""How a column depends on the others, in any form: how well their values predict its own.

A small tree on the other columns sorts rows into leaves, in which the column's values are of
different frequency. Whether a row holds its own value, or one that was shuffled in, is then decided
best by the logarithm of how many times as frequent the value is in the row's leaf as anywhere. Of
all classifiers of true rows and shuffled ones it is the one that the leaves allow, and its mean
over the rows says how much of the dependence is left, whatever became of each column by itself.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from shared.profiles.binning import Binner
from shared.profiles.counting_plan import CategoryPlan, CountingPlan, Dependence, NumberPlan
from shared.profiles.counts import Tally
from shared.profiles.day_types import holiday_types, weekdays
from shared.profiles.gram import (
    DAY_SECONDS,
    HOLIDAY,
    HOLIDAY_TYPES,
    HOUR,
    HOURS,
    WEEKDAY,
    WEEKDAYS,
)
from shared.schema import arrow

# Of a category so many values are kept apart, the most frequent first; the others are one.
MOST_CODES = 62
# The frequency of values in a leaf is pulled towards that anywhere, as by so many rows.
SMOOTHING = 10.0
# A window in which less can be predicted than in history is judged as if so much of it could.
LEAST_REACH = 0.5
# No smaller share of a dependence is told apart from none than the exponential: two in a hundred.
# Of exchanged values more may be lost than that: they are farther from what was due than shuffled.
MOST_LOST = 4.0


class Coder:
    """Codes columns from 0 on: bins of numbers, places of categories, hours, types of days."""

    def __init__(self, plan: CountingPlan) -> None:
        self._plan = plan
        numbers = [column for column in plan.columns if isinstance(column, NumberPlan)]
        self._binners = {column.name: Binner(column.edges) for column in numbers}
        of_time = {HOUR: HOURS + 1, WEEKDAY: WEEKDAYS + 1}
        # An ordinary day, each type of holidays, or none.
        of_time |= {HOLIDAY: HOLIDAY_TYPES + 2} if plan.calendar else {}
        self.widths = {column.name: _width(column) for column in plan.columns} | of_time

    def __call__(self, table: pa.Table) -> dict[str, np.ndarray]:
        """Return codes of the columns that a table has; the last code is that of no value."""
        found = {}
        for column in self._plan.columns:
            if column.name in table.column_names:
                found[column.name] = self._codes(table[column.name], column)
        if self._plan.time in table.column_names:
            found |= self._codes_of_time(arrow.seconds(table[self._plan.time]))
        return found

    def _codes_of_time(self, moments: np.ndarray) -> dict[str, np.ndarray]:
        hours = moments // arrow.HOUR_SECONDS % HOURS
        days = weekdays(moments // DAY_SECONDS)
        found = {
            HOUR: np.nan_to_num(hours, nan=HOURS).astype("int64"),
            WEEKDAY: np.nan_to_num(days, nan=WEEKDAYS).astype("int64"),
        }
        if self._plan.calendar:
            types = holiday_types(moments, self._plan.calendar)
            found[HOLIDAY] = np.where(np.isfinite(moments), types, HOLIDAY_TYPES + 1)
        return found

    def _codes(self, raw: pa.ChunkedArray, column: NumberPlan | CategoryPlan) -> np.ndarray:
        last = self.widths[column.name] - 1
        if isinstance(column, NumberPlan):
            every, _ = arrow.numbers(raw)
            known = ~np.isnan(every)
            codes = np.full(len(every), last)
            codes[known] = self._binners[column.name](every[known])
            return codes
        codes, missing = arrow.codes(raw, column.categories)
        unseen = codes == len(column.categories)
        codes = np.where(unseen, last - 1, np.minimum(codes, last - 2))
        return np.where(missing, last, codes)


def _width(column: NumberPlan | CategoryPlan) -> int:
    if isinstance(column, NumberPlan):
        return column.width + 1
    return min(len(column.categories), MOST_CODES) + 2


class DependenceCounter:
    """Counts rows by the class of each dependent column and the leaf of its tree."""

    def __init__(self, plan: CountingPlan) -> None:
        self._coder, self._dependences = Coder(plan), plan.dependences

    def count(self, table: pa.Table, starts: np.ndarray | None = None) -> dict[str, np.ndarray]:
        """Count a table, or each group of its rows from one of `starts` to the next.

        Dependences of which the table lacks a column are not counted. The counts have no leading
        axis, or one of the groups; each is a class's of a leaf.
        """
        tally = Tally(np.array([0]) if starts is None else starts, table.num_rows)
        codes, found = self._coder(table), {}
        for dependence in self._dependences:
            if codes.keys() >= {dependence.column, *dependence.others}:
                width = dependence.shape[0] * dependence.shape[1]
                counted = tally.count(cells_of(dependence, codes), width)
                found[count_name(dependence.column)] = counted[0] if starts is None else counted
        return found


def count_name(column: str) -> str:
    """Return the name of a column's dependence among counts."""
    return f"dependence {column}"


def cells_of(dependence: Dependence, codes: dict[str, np.ndarray]) -> np.ndarray:
    """Return where each row counts: its class times the leaves, and its leaf; -1 for nowhere."""
    known, leaf = np.array(dependence.classes)[codes[dependence.column]], leaves(dependence, codes)
    return np.where((known < 0) | (leaf < 0), -1, known * dependence.shape[1] + leaf)


def leaves(dependence: Dependence, codes: dict[str, np.ndarray]) -> np.ndarray:
    """Return the leaf of each row; shape (rows,), -1 where a code is met that history never had."""
    nowhere = -1 - dependence.shape[1]
    at = np.zeros(len(codes[dependence.column]), "int64")
    # A node comes before those below it.
    for place, split in enumerate(dependence.splits):
        here = np.flatnonzero(at == place) if place else np.arange(len(at))
        found = codes[split.column][here]
        goes = np.full(max(found.max(initial=0), *map(max, split.codes)) + 1, nowhere)
        for side, to in zip(split.codes, (split.left, split.right), strict=True):
            goes[list(side)] = to
        at[here] = goes[found]
    return np.where(at == nowhere, -1, -1 - at)


class DependenceModel(NamedTuple):
    """What leaves predict of a column: how often each class is in a leaf, and anywhere.

    `gains` are the logarithms of how many times as often; `reach` is how much more of them true
    rows have than shuffled ones.

    Shapes (..., classes, leaves), (..., classes, 1), (..., classes, leaves) and (...).
    """

    within: np.ndarray
    anywhere: np.ndarray
    gains: np.ndarray
    reach: np.ndarray


def dependence_model(counted: np.ndarray, dependence: Dependence) -> DependenceModel:
    """Return the model by a history's counts, shape (..., classes times leaves)."""
    cells = counted.reshape(*counted.shape[:-1], *dependence.shape).astype("float64")
    rows = cells.sum(axis=(-2, -1), keepdims=True)
    anywhere = (cells.sum(axis=-1, keepdims=True) + 0.5) / (rows + 0.5 * dependence.shape[0])
    leaf = cells.sum(axis=-2, keepdims=True)
    within = (cells + SMOOTHING * anywhere) / (leaf + SMOOTHING)
    gains = np.log(within / anywhere)
    rest = cells - anywhere * leaf
    reach = (gains * rest).sum(axis=(-2, -1)) / np.maximum(rows[..., 0, 0], 1)
    return DependenceModel(within, anywhere, gains, reach)


def loss(counted: np.ndarray, known: DependenceModel) -> np.ndarray:
    """Return how much of a dependence is lost, as the natural logarithm of how little is left.

    It is 0 where all is as it was, or more is there than was due, about `MOST_LOST` where values
    are shuffled, and larger by all that is lost beyond that.

    What true rows gain is expected at the window's own frequencies of the classes and of the
    leaves: a season that moves both of two columns breaks nothing between them.
    """
    return as_loss(1 - share_left(counted, known))


def as_loss(lost: np.ndarray) -> np.ndarray:
    """Return lost shares of a dependence, 1 where values are shuffled, as `loss` measures them."""
    least = np.exp(-MOST_LOST)
    return -np.log(np.clip(1 - lost, least, 1)) + np.maximum(least - 1 + lost, 0)


def lost_share(loss: np.ndarray) -> np.ndarray:
    """Return the lost shares that `as_loss` gives."""
    return -np.expm1(-np.minimum(loss, MOST_LOST)) + np.maximum(loss - MOST_LOST, 0)


def share_left(counted: np.ndarray, known: DependenceModel) -> np.ndarray:
    """Return the share of a dependence that is left, of shape (...), for counts as of a model.

    It is 1 where all is as it was, 0 where values are shuffled; by chance it may be beyond either.
    """
    cells = counted.reshape(*counted.shape[:-1], *known.gains.shape[-2:]).astype("float64")
    rows = cells.sum(axis=(-2, -1), keepdims=True)
    cells = cells / np.maximum(rows, 1e-9)
    classes, leaf = cells.sum(axis=-1, keepdims=True), cells.sum(axis=-2, keepdims=True)
    likely = known.within * (classes / known.anywhere)
    likely = likely / np.maximum(likely.sum(axis=-2, keepdims=True), 1e-9)
    true, shuffled, now = (
        (known.gains * shares).sum(axis=(-2, -1))
        for shares in (likely * leaf, classes * leaf, cells)
    )
    reach = np.maximum(true - shuffled, LEAST_REACH * known.reach)
    share = 1 - (true - now) / np.maximum(reach, 1e-9)
    return np.where(rows[..., 0, 0] > 0, share, 1)
