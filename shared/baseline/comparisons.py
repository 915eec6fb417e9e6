"""Blocks of a history, compared with parts of it: the rest, and what came before.

A window is judged hours to weeks after the history that its model knows has ended. So blocks are
compared with all that came before each, and with what had come by some earlier time as well.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple

import numpy as np

from shared.baseline import arrivals, baseline_profile, statistics
from shared.baseline.block_rows import BlockRows
from shared.baseline.day_counts import FEWEST_HOURS
from shared.baseline.history import History
from shared.baseline.noise import Noise
from shared.baseline.statistics import Statistic
from shared.profiles import counts, gram
from shared.profiles.counts import Counts
from shared.profiles.day_types import DAY_TYPES

# A block is compared with what came before it once this share of the history has.
EARLIEST = 1 / 3
# What had come by some earlier time is too little where it is a smaller share of all rows.
LEAST_BEFORE = 0.1
MOST_REFITS = 60
# So many blocks show how far others are from what ended before each.
MOST_LATER = 200
# What is learnt from a history holds the longer, the longer it was: as its root.
LEARNT = ("linear dependence", "dependence")


class Comparison(NamedTuple):
    """Blocks beside parts of a history: the rest, then what came before them or by some time.

    `over` is by how much each statistic is more than the average of chance, NaN for a block that
    was not compared, and `gaps` the hours from a part's end to the block, as they count for each.
    All have the shape (parts, blocks).
    """

    gaps: dict[Statistic, np.ndarray]
    over: dict[Statistic, np.ndarray]


class _Earlier(NamedTuple):
    """What had come before the cells `ends`, one for each block, and those `at` which it is held.

    It is such a `share` of the history as counts.
    """

    ends: np.ndarray
    at: np.ndarray
    share: float


class Comparer:
    """Compares blocks of a history's cells with the rest of it."""

    def __init__(self, history: History, noise: Mapping[Statistic, Noise]) -> None:
        self._history, self._plan, self._running = history, history.plan, history.running
        self._noise, self._rows = noise, history.running["rows"]
        self._without_trees = self._plan.model_copy(update={"dependences": ()})
        self._refits: dict[int, np.ndarray] = {}
        self.block_rows = BlockRows(history, min(self._earliest, *history.trees.cells))

    def compare(self, begins: np.ndarray, width: int) -> Comparison:
        """Compare blocks of `width` cells with the rest, and with all before each.

        And then with what had come by the times up to which trees were grown.
        """
        now = counts.counts_between(self._running, begins, begins + width)
        rest = {name: self._history.total[name] - found for name, found in now.items()}
        rest = self._on_such_days(rest, None, now, begins, width)
        whole = statistics.measure(now, rest, self._plan, self._history.inverse)
        whole |= self.block_rows.measure(begins, width, None)
        earlier = self._earlier(begins)
        beside = self._beside(now, begins, earlier, width) if earlier else {}
        unknown = self._share_unknown(begins, width)
        over = {
            name: self._beyond_chance(
                name, np.vstack([measured, beside[name]] if earlier else [measured]), now, unknown
            )
            for name, measured in whole.items()
        }
        ends = np.array([begins, *(part.ends for part in earlier)])
        gaps = np.maximum(begins - ends, 0) * self._history.cell_hours
        roots = np.array([1.0, *(part.share**0.5 for part in earlier)])
        longer = gaps / roots[:, None]
        return Comparison({name: longer if name.check in LEARNT else gaps for name in over}, over)

    def _earlier(self, begins: np.ndarray) -> list[_Earlier]:
        """Return the parts of history that blocks are held against, where there is enough of it."""
        late = np.flatnonzero(begins >= self._earliest)
        found = [_Earlier(begins, late, 1.0)] if len(late) else []
        for cell in self._history.trees.cells:
            after = _evenly(np.flatnonzero(begins > cell), MOST_LATER)
            if len(after) and self._rows[cell] >= LEAST_BEFORE * self._rows[-1]:
                share = float(self._rows[cell] / self._rows[-1])
                found.append(_Earlier(np.full(len(begins), cell), after, share))
        return found

    @cached_property
    def _earliest(self) -> int:
        """The first cell before which there is enough to compare a block with."""
        return int(np.searchsorted(self._rows, EARLIEST * self._rows[-1]))

    def _share_unknown(self, begins: np.ndarray, width: int) -> np.ndarray:
        """Return the share of blocks' rows on holidays that say nothing of one another."""
        if self._history.day_counts is None:
            return np.zeros(len(begins))
        rows = self._rows_by_type
        return self._history.day_counts.share_unknown(rows[begins + width] - rows[begins])

    def _beside(
        self, now: Counts, begins: np.ndarray, earlier: list[_Earlier], width: int
    ) -> dict[Statistic, np.ndarray]:
        """Measure blocks beside the earlier parts; shape (parts, blocks)."""
        at = np.concatenate([part.at for part in earlier])
        ends = np.concatenate([part.ends[part.at] for part in earlier])
        columns = {dependent.column for dependent in self._plan.dependences}
        # All parts at once, but for what takes much memory.
        by_part = [self._by_counts(now, begins, part, width) for part in earlier]
        found = {name: np.concatenate([each[name] for each in by_part]) for name in by_part[0]}
        found |= self._history.trees.measure(columns, begins[at], ends, width)
        # What is known of the rows themselves goes before what was counted of them.
        found |= self.block_rows.measure(begins[at], width, ends)
        of_part = np.repeat(np.arange(len(earlier)), [len(part.at) for part in earlier])
        every = {name: np.full((len(earlier), len(begins)), np.nan) for name in found}
        for name, measured in found.items():
            every[name][of_part, at] = measured
        return every

    def _by_counts(
        self, now: Counts, begins: np.ndarray, part: _Earlier, width: int
    ) -> dict[Statistic, np.ndarray]:
        """Measure those blocks `at` some places beside what was counted of an earlier part."""
        at, ends = part.at, part.ends[part.at]
        then = {name: sums[at] for name, sums in now.items()}
        before = {name: sums[ends] for name, sums in self._running.items()}
        before = self._on_such_days(before, ends, then, begins[at], width)
        tried = _evenly(np.arange(len(at)), MOST_REFITS)
        refits = np.stack([self._refit(int(cell)) for cell in ends[tried]])
        inverses = refits[np.searchsorted(tried, np.arange(len(at)), side="right") - 1]
        # The plan's own trees have seen what would be held against them.
        return statistics.measure(then, before, self._without_trees, inverses)

    def _on_such_days(
        self, before: Counts, ends: np.ndarray | None, now: Counts, begins: np.ndarray, width: int
    ) -> Counts:
        """Return counts `before` some cells, or of the rest, as on days like those of blocks.

        Whole weeks have all days alike, but for holidays.
        """
        known, hours = self._history.day_counts, width * self._history.cell_hours
        alike = hours >= arrivals.WEEK_HOURS and not self._plan.calendar
        if known is None or hours < FEWEST_HOURS or alike:
            return before
        rows = self._rows_by_type
        own = rows[begins + width] - rows[begins]
        return known.on_such_days(before, rows[-1] - own if ends is None else rows[ends], own, now)

    @cached_property
    def _rows_by_type(self) -> np.ndarray:
        """The running sums of the cells' rows by the type of their day: (cells + 1, types)."""
        of_type = np.zeros((len(self._rows), DAY_TYPES))
        cells = np.arange(1, len(self._rows))
        of_type[cells, self._history.day_types] = np.diff(self._rows)
        return of_type.cumsum(axis=0)

    def _refit(self, cell: int) -> np.ndarray:
        """Return the precision matrix of all that came before a cell, for whichever span."""
        if cell not in self._refits:
            self._refits[cell] = gram.precision(self._running["gram"][cell])
        return self._refits[cell]

    def _beyond_chance(
        self, name: Statistic, measured: np.ndarray, now: Counts, unknown: np.ndarray
    ) -> np.ndarray:
        if name.check in arrivals.CHECKS:
            return measured
        noise, total = self._noise.get(name), self._history.total
        mean = baseline_profile.chance_level(name, now, total, noise, None)
        if unknown.any():
            mean = np.hypot(mean, unknown * baseline_profile.moved_by_days(name, self._plan))
        return np.sqrt(np.maximum(measured**2 - mean**2, 0))


def _evenly(places: np.ndarray, most: int) -> np.ndarray:
    """Return at most so many of the places, spread evenly."""
    if len(places) <= most:
        return places
    return places[np.unique(np.linspace(0, len(places) - 1, most).astype(int))]
