"""Blocks of a history held against the rest of it: how far ordinary spans of time are from others.

History is cut into blocks of a span, and every statistic is computed of each block: beside all the
rest, and beside what came before it, as a season goes on. How much more it is the longer ago that
ended is learnt, too. A block's statistics are then held against the largest ones of the blocks that
do not overlap it. How many times larger they come out, over all blocks, sets how far beyond the
largest known one a threshold has to be for the intended rate of false alarms.
"""

from collections.abc import Mapping

import numpy as np

from shared.baseline import baseline_profile, bounded_shares, bounds
from shared.baseline.baseline_profile import BaselineSpan
from shared.baseline.comparisons import Comparer
from shared.baseline.history import History
from shared.baseline.noise import Noise
from shared.baseline.statistics import Statistic

FEWEST_ROWS = 30
# Overlapping by half, so many blocks are the fewest that a span is learnt from, and the fewest
# that say how far beyond the largest one the next may be.
FEWEST_BLOCKS, FEWEST_FOR_TAIL = 5, 25
# What families of statistics pass equally often makes them alike.
EQUAL_RATE = 0.05


class Blocks:
    """Blocks of a history's cells, held against the rest of it."""

    def __init__(
        self, history: History, noise: Mapping[Statistic, Noise], false_alarms: float
    ) -> None:
        self._plan, self._rows = history.plan, history.running["rows"]
        self._false_alarms, self._cell_hours = false_alarms, history.cell_hours
        self.comparer = Comparer(history, noise)

    def learn_span(self, hours: int, shorter: BaselineSpan | None) -> BaselineSpan | None:
        """Learn how far blocks of so many hours are from the rest; None if they are too few.

        What too few blocks cannot show is taken from a shorter span.
        """
        width = self._width(hours)
        if shorter and width == self._width(shorter.hours):
            return shorter.model_copy(update={"hours": hours})
        begins = self._begins(width) if width else np.zeros(0, "int64")
        if len(begins) < FEWEST_BLOCKS:
            return None
        span = self._held_apart(hours, begins, width)
        if len(begins) >= FEWEST_FOR_TAIL or not shorter:
            return span
        largest = {name: max(found, shorter.largest[name]) for name, found in span.largest.items()}
        known = {"multiples": shorter.multiples, "growth": shorter.growth, "largest": largest}
        return span.model_copy(update=known)

    def _held_apart(self, hours: int, begins: np.ndarray, width: int) -> BaselineSpan:
        """Hold blocks of `width` cells, which begin at some, against those that overlap none."""
        found = self.comparer.compare(begins, width)
        names = list(found.over)
        gaps = np.stack([found.gaps[name] for name in names])
        over = np.stack([found.over[name] for name in names])
        families = [baseline_profile.family(name, self._plan) for name in names]
        most = np.array([bounded_shares.most_of(family) for family in families])
        over = bounded_shares.stretch(over, most[:, None, None])
        floors = np.array([baseline_profile.floor(name, self._plan) for name in names])
        growth = bounds.growth_with_gap(over, gaps, floors / 2)
        wander, trend = growth.T[:, :, None, None]
        at_once = np.nanmax(over / np.sqrt(1 + wander * gaps + trend * gaps**2), axis=1)
        units = _largest_of_others(at_once, begins, width)
        largest = bounded_shares.shrink(at_once.max(axis=1), most)
        keys = [baseline_profile.statistic_key(name) for name in names]
        return BaselineSpan(
            hours=hours,
            blocks=len(begins),
            rows=int(np.median(self._rows[begins + width] - self._rows[begins])),
            largest=dict(zip(keys, largest.tolist(), strict=True)),
            multiples=self._multiples(families, at_once, floors, units),
            growth=dict(zip(keys, map(tuple, growth.tolist()), strict=True)),
            gap=float(gaps.min(axis=0).max()),
        )

    def _width(self, hours: int) -> int:
        """Return how many cells of the history come nearest to so many hours."""
        return round(hours / self._cell_hours)

    def _begins(self, width: int) -> np.ndarray:
        """Return where blocks of so many cells begin: overlapping by half, with enough rows."""
        last = len(self._rows) - 1
        begins = np.arange(last % max(1, width // 2), last - width + 1, max(1, width // 2))
        rows = self._rows[begins + width] - self._rows[begins]
        return begins[rows >= max(FEWEST_ROWS, np.median(rows) / 4)] if len(rows) else begins

    def _multiples(
        self, families: list[str], over: np.ndarray, floors: np.ndarray, units: np.ndarray
    ) -> dict[str, float]:
        """Return how many times the largest of the others, `units`, each family may be."""
        beyond = over / np.maximum(units, floors[:, None])
        kinds = sorted(set(families))
        times = np.array([beyond[np.array(families) == kind].max(axis=0) for kind in kinds])
        equal = np.array([bounds.prediction_bound(of_family, EQUAL_RATE) for of_family in times])
        # One bound for what is the farthest out in any family, or each would have the whole rate.
        farthest = bounds.prediction_bound(
            (times / equal[:, None]).max(axis=0), self._false_alarms / 2
        )
        return dict(zip(kinds, (farthest * equal).tolist(), strict=True))


def _largest_of_others(over: np.ndarray, begins: np.ndarray, width: int) -> np.ndarray:
    """Return the largest, and at least 0, of the blocks that do not overlap each.

    `over` has the shape (statistics, blocks), as what is returned; blocks of `width` cells rise.
    """
    none = np.zeros((len(over), 1))
    before = np.maximum.accumulate(np.hstack([none, over]), axis=1)
    after = np.maximum.accumulate(np.hstack([over, none])[:, ::-1], axis=1)[:, ::-1]
    ended = np.searchsorted(begins, begins - width, side="right")
    later = np.searchsorted(begins, begins + width, side="left")
    return np.maximum(before[:, ended], after[:, later])
