"""How well trees that were grown on a part of a history hold in what came after it.

A tree on all of history has seen every block that it is held against, and the next window is one
that it has not. So trees are grown anew on the first part of history, and held against the blocks
that begin after it, up to where the next ones were grown.
"""

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from shared.baseline import dependence_trees, statistics
from shared.baseline.statistics import Statistic
from shared.profiles import counts, dependence
from shared.profiles.counting_plan import CountingPlan
from shared.profiles.counts import Counts

# Trees are grown on the rows before these shares of the history's cells.
CUTS = (1 / 3, 1 / 2, 3 / 4)


class _Grown(NamedTuple):
    """Trees that were grown on the cells before one: what was counted before it, and from it on."""

    cell: int
    plan: CountingPlan
    before: Counts
    running: Counts


class OutOfTimeTrees:
    """Trees of some columns that were grown on the earlier parts of a history, and its counts.

    The table's rows are in time; a cell goes from one of `starts` to the next.
    """

    def __init__(
        self, table: pa.Table, starts: np.ndarray, planned: CountingPlan, columns: Collection[str]
    ) -> None:
        cells = sorted({int(share * len(starts)) for share in CUTS})
        known = [table.slice(0, int(starts[cell])) for cell in cells]
        grow = partial(dependence_trees.grow_trees, planned=planned, columns=columns)
        # The search for splits holds no lock of Python's. To count takes memory, so one by one.
        with ThreadPoolExecutor(len(CUTS)) as pool:
            trees = [*pool.map(grow, known)]
        self._grown = [
            _count(table, starts, planned.model_copy(update={"dependences": found}), cell)
            for cell, found in zip(cells, trees, strict=True)
        ]

    @property
    def columns(self) -> set[str]:
        """The columns whose dependences the latest of the trees held."""
        return {dependent.column for dependent in self._grown[-1].plan.dependences}

    @property
    def cells(self) -> list[int]:
        """The cells before which the trees were grown."""
        return [grown.cell for grown in self._grown]

    def measure(
        self, columns: Collection[str], begins: np.ndarray, ends: np.ndarray, width: int
    ) -> dict[Statistic, np.ndarray]:
        """Measure the dependences of some columns in blocks of `width` cells.

        They are beside what was before the cells `ends`. Each has the shape of `begins`; it is 0
        where no trees were grown before the end.
        """
        found = {Statistic("dependence", column): np.zeros(len(begins)) for column in columns}
        until = [*self.cells[1:], np.inf]
        for grown, last in zip(self._grown, until, strict=True):
            at = np.flatnonzero((ends >= grown.cell) & (ends < last))
            asked = tuple(d for d in grown.plan.dependences if d.column in columns)
            if not len(at) or not asked:
                continue
            names = [dependence.count_name(d.column) for d in asked]
            running = {name: grown.running[name] for name in names}
            since, ended = begins[at] - grown.cell, ends[at] - grown.cell
            now = counts.counts_between(running, since, since + width)
            before = {name: grown.before[name] + running[name][ended] for name in names}
            plan = grown.plan.model_copy(update={"dependences": asked})
            for statistic, measured in statistics.lost_dependence(now, before, plan).items():
                found[statistic][at] = measured
        return found


def _count(table: pa.Table, starts: np.ndarray, grown: CountingPlan, cell: int) -> _Grown:
    row = int(starts[cell])
    known, later = table.slice(0, row), table.slice(row)
    counter = dependence.DependenceCounter(grown)
    running = counts.running_sums(counter.count(later, starts[cell:] - row))
    return _Grown(cell, grown, counter.count(known), running)
