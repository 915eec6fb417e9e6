"""A problem's history in cells of some hours, each counted apart, so that any block adds up."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
import pyarrow as pa

from shared.baseline import arrivals, dependence_trees
from shared.baseline.arrivals import HolidayRates
from shared.baseline.day_counts import DayCounts
from shared.baseline.known_rows import KnownRows, learn_known_rows, share_repeated
from shared.baseline.out_of_time import OutOfTimeTrees
from shared.profiles import counts, dependence, gram, planning
from shared.profiles.counter import Counter
from shared.profiles.counting_plan import CountingPlan, Dependence
from shared.profiles.counts import Counts
from shared.profiles.day_types import types_at
from shared.profiles.gram import DAY_SECONDS
from shared.profiles.row_digests import digests_in_time
from shared.schema import arrow
from shared.schema.contract import Contract

MOST_CELLS = 3_000
# A cell of no more hours than a day is a whole part of one, so that it is of a single day.
PARTS_OF_A_DAY = np.array([1, 2, 3, 4, 6, 8, 12, 24])
# Numbers that the cells' products of columns may take: 320 MB.
MOST_PRODUCTS = 40_000_000
SPREAD_ROWS, SPREAD_GROUP = 50_000, 20
Parts: TypeAlias = Callable[[], Iterable[pa.Table]]
"""Gives the rows that a table is an even sample of, with their features and times, in parts."""


@dataclass(frozen=True)
class History:
    """Rows in the order of time, and their counts by cells.

    `moments` are the rows' times in seconds since 1970, `edges` those of the cells, shape
    (cells + 1,), and `running` the running sums of the cells' counts, with a leading zero.
    `repeated` is the share of rows that repeat another, `known_rows` what is kept of all that came.
    """

    table: pa.Table
    moments: np.ndarray
    edges: np.ndarray
    counter: Counter
    plan: CountingPlan
    running: Counts
    trees: OutOfTimeTrees
    repeated: float
    known_rows: KnownRows

    @property
    def cell_hours(self) -> float:
        """How many hours a cell has."""
        return float(self.edges[1] - self.edges[0]) / arrow.HOUR_SECONDS

    @cached_property
    def total(self) -> Counts:
        """The counts of all rows."""
        return {name: sums[-1] for name, sums in self.running.items()}

    @cached_property
    def inverse(self) -> np.ndarray:
        """The precision matrix of the columns' features, over all rows."""
        return gram.precision(self.total["gram"])

    @cached_property
    def per_hour(self) -> list[float]:
        """The mean rows of each hour of the week, on ordinary days."""
        return arrivals.rows_per_hour(self.moments, self.plan.calendar)

    @cached_property
    def holidays(self) -> HolidayRates | None:
        """How many rows come on holidays, where there is a calendar."""
        if not self.plan.calendar:
            return None
        return arrivals.holiday_rates(self.moments, np.array(self.per_hour), self.plan.calendar)

    @cached_property
    def day_types(self) -> np.ndarray | None:
        """The type of the day of each cell; None where cells are of several days."""
        if self.edges[1] - self.edges[0] > DAY_SECONDS:
            return None
        return types_at(self.edges[:-1], self.plan.calendar)

    @cached_property
    def day_counts(self) -> DayCounts | None:
        """What the days of each type had; None where no type is known, and none is asked for."""
        if self.day_types is None:
            return None
        found = DayCounts.of_cells(self.running, self.edges[:-1] // DAY_SECONDS, self.day_types)
        return found if found.known.any() or self.plan.calendar else None

    def residual_spread(self) -> dict[str, float]:
        """Return the standard deviation, over rows, of each column's squared residual."""
        rows = np.arange(0, self.table.num_rows, max(1, self.table.num_rows // SPREAD_ROWS))
        part = self.table.take(pa.array(np.random.default_rng(0).permutation(rows)))
        features, groups = self.counter.count(part).features.matrix(), self.counter.relations.groups
        over = gram.residuals_in_groups(features, self.inverse, groups, SPREAD_GROUP)
        deviations = over.std(axis=0) * np.sqrt(SPREAD_GROUP)
        return dict(zip(groups, deviations.tolist(), strict=True))


def history_in_cells(
    table: pa.Table, contract: Contract, calendar: str | None = None, whole: Parts | None = None
) -> History:
    """Count a table with the features and the score; rows without a readable time are left out.

    Where it is a sample of a `whole`, which rows come again is known of all rows.
    """
    planned = planning.plan_counting(table, contract, calendar)
    table, moments = _in_time(table, planned)
    counter, grown = Counter(planned), dependence_trees.grow_trees(table, planned)
    cell = _cell_hours(moments, counter.relations.size, grown) * arrow.HOUR_SECONDS
    edges = np.arange(moments[0] // cell, moments[-1] // cell + 2) * cell
    starts = np.searchsorted(moments, edges[:-1])
    trees = OutOfTimeTrees(table, starts, planned, [tree.column for tree in grown])
    proven = tuple(dependent for dependent in grown if dependent.column in trees.columns)
    planned = planned.model_copy(update={"dependences": proven})
    counted = counter.count(table, starts)
    cells = counted.counts | dependence.DependenceCounter(planned).count(table, starts)
    came = counted.digests, counted.timeless, moments
    digests, timeless, when = digests_in_time(whole(), planned) if whole else came
    return History(
        table=table,
        moments=moments,
        edges=edges,
        counter=counter,
        plan=planned,
        running=counts.running_sums(cells),
        trees=trees,
        repeated=share_repeated(digests),
        known_rows=learn_known_rows(timeless, when),
    )


def _in_time(table: pa.Table, planned: CountingPlan) -> tuple[pa.Table, np.ndarray]:
    moments = arrow.seconds(table[planned.time])
    # No copy is made of what is in order.
    if (np.diff(moments) >= 0).all() and np.isfinite(moments).all():
        return table, moments
    order = np.argsort(moments, kind="stable")
    order = order[np.isfinite(moments[order])]
    return table.take(pa.array(order)), moments[order]


def _cell_hours(moments: np.ndarray, size: int, grown: tuple[Dependence, ...]) -> int:
    hours = (moments[-1] - moments[0]) / arrow.HOUR_SECONDS
    # Those of dependences are counted once more, by trees of earlier parts of the history.
    wide = size**2 + 3 * sum(dependent.shape[0] * dependent.shape[1] for dependent in grown)
    least = max(1, int(np.ceil(hours / min(MOST_CELLS, MOST_PRODUCTS // wide))))
    return next((part for part in PARTS_OF_A_DAY.tolist() if part >= least), least)
