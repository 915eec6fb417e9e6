"""Blocks of a history held against the rest of it: how far ordinary spans of time are from others.

History is cut into blocks of a span, and every statistic is computed of each block: beside all the
rest, and beside all that came before it, as a season goes on. A block's statistics are then held
against the largest ones of the blocks that do not overlap it. How many times larger they come out,
over all blocks, sets how far beyond the largest known one a threshold has to be for the intended
rate of false alarms.
"""

from collections.abc import Mapping

import numpy as np
from scipy import special

from shared.baseline import arrivals, baseline_profile, statistics
from shared.baseline.baseline_profile import BaselineSpan
from shared.baseline.history import History
from shared.baseline.noise import Noise
from shared.baseline.statistics import Statistic
from shared.baseline.unseen_values import UnseenValues
from shared.profiles import counts, gram
from shared.profiles.counting_plan import NumberPlan
from shared.profiles.counts import Counts
from shared.schema import arrow
from shared.schema.arrow import HOUR_SECONDS

FEWEST_ROWS = 30
# Overlapping by half, so many blocks are the fewest that a span is learnt from, and the fewest
# that say how far beyond the largest one the next may be.
FEWEST_BLOCKS, FEWEST_FOR_TAIL = 5, 25
# Blocks that overlap by half are worth as many that do not.
OVERLAP = 1.5
# A block is compared with what came before it once this share of the history has.
EARLIEST = 1 / 3
MOST_REFITS = 60


class Blocks:
    """Blocks of a history's cells, held against the rest of it."""

    def __init__(
        self, history: History, noise: Mapping[Statistic, Noise], false_alarms: float
    ) -> None:
        self._history, self._plan, self._running = history, history.plan, history.running
        self._noise, self._false_alarms = noise, false_alarms
        self._refits: dict[int, np.ndarray] = {}
        self._unseen_values = {
            column.name: UnseenValues(arrow.numbers(history.table[column.name])[0])
            for column in history.plan.columns
            if isinstance(column, NumberPlan) and column.values
        }
        edges = history.edges
        due = arrivals.expected_rows(np.array(history.per_hour), edges[0], edges[-1])
        due = due.reshape(len(edges) - 1, -1).sum(axis=1)
        self._arrivals = np.diff(history.running["rows"]), due

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
        over, now = self._over(begins, width)
        over |= self._of_arrivals(begins, width)
        names = list(over)
        table = np.array([over[name] for name in names])
        most = zip(names, table.max(axis=1), strict=True)
        largest = {baseline_profile.statistic_key(name): float(found) for name, found in most}
        multiples = self._multiples(names, table, begins, width)
        if len(begins) < FEWEST_FOR_TAIL and shorter:
            multiples = shorter.multiples
            largest = {name: max(found, shorter.largest[name]) for name, found in largest.items()}
        return BaselineSpan(
            hours=hours,
            blocks=len(begins),
            rows=int(np.median(now["rows"])),
            largest=largest,
            multiples=multiples,
        )

    def _width(self, hours: int) -> int:
        """Return how many cells of the history come nearest to so many hours."""
        edges = self._history.edges
        return round(hours * HOUR_SECONDS / (edges[1] - edges[0]))

    def _begins(self, width: int) -> np.ndarray:
        """Return where blocks of so many cells begin: overlapping by half, with enough rows."""
        last = len(self._running["rows"]) - 1
        begins = np.arange(last % max(1, width // 2), last - width + 1, max(1, width // 2))
        rows = self._running["rows"][begins + width] - self._running["rows"][begins]
        return begins[rows >= max(FEWEST_ROWS, np.median(rows) / 4)] if len(rows) else begins

    def _over(self, begins: np.ndarray, width: int) -> tuple[dict[Statistic, np.ndarray], Counts]:
        """Return by how much each block's statistics are more than the average of chance."""
        now = counts.counts_between(self._running, begins, begins + width)
        rest = {name: self._history.total[name] - found for name, found in now.items()}
        found = statistics.measure(now, rest, self._plan, self._history.inverse)
        total = self._running["rows"][-1]
        begin, end = (self._running["rows"][at] for at in (begins, begins + width))
        late = np.flatnonzero(begin >= EARLIEST * total)
        if len(late):
            then = {name: sums[late] for name, sums in now.items()}
            for name, measured in self._beside_earlier(then, begins[late]).items():
                found[name][late] = np.maximum(found[name][late], measured)
        for name, measured in self._history.trees.measure(begins, width).items():
            if name in found:
                found[name] = np.maximum(found[name], measured)
        for column, unseen in self._unseen_values.items():
            spans = zip(begin, end, begin >= EARLIEST * total, strict=True)
            shares = np.array([unseen.share(a, b, later) for a, b, later in spans])
            found[Statistic("unseen", column)] = shares
        return {name: self._beyond_chance(name, f, now) for name, f in found.items()}, now

    def _beside_earlier(self, now: Counts, begins: np.ndarray) -> dict[Statistic, np.ndarray]:
        """Measure blocks beside all that came before each."""
        before = {name: sums[begins] for name, sums in self._running.items()}
        at = np.unique(np.linspace(0, len(begins) - 1, MOST_REFITS).astype(int))
        refits = np.stack([self._refit(int(cell)) for cell in begins[at]])
        inverses = refits[np.searchsorted(at, np.arange(len(begins)), side="right") - 1]
        return statistics.measure(now, before, self._plan, inverses)

    def _refit(self, cell: int) -> np.ndarray:
        """Return the precision matrix of all that came before a cell, for whichever span."""
        if cell not in self._refits:
            self._refits[cell] = gram.precision(self._running["gram"][cell])
        return self._refits[cell]

    def _beyond_chance(self, name: Statistic, measured: np.ndarray, now: Counts) -> np.ndarray:
        noise, total = self._noise.get(name), self._history.total
        mean = baseline_profile.chance_level(name, now, total, noise, None)
        return np.sqrt(np.maximum(measured**2 - mean**2, 0))

    def _of_arrivals(self, begins: np.ndarray, width: int) -> dict[Statistic, np.ndarray]:
        came, due = self._arrivals
        found = [
            arrivals.volume_and_silence(came[a : a + width], due[a : a + width]) for a in begins
        ]
        return {
            Statistic(check, self._plan.time): np.array([each[at] for each in found])
            for at, check in enumerate(arrivals.CHECKS)
        }

    def _multiples(
        self, names: list[Statistic], over: np.ndarray, begins: np.ndarray, width: int
    ) -> dict[str, float]:
        floors = np.array([baseline_profile.floor(name, self._plan) for name in names])
        apart = np.abs(begins[:, None] - begins[None, :]) >= width
        units = np.stack([np.where(alone, over, 0).max(axis=1) for alone in apart], axis=1)
        times = over / np.maximum(units, floors[:, None])
        families = np.array([baseline_profile.family(name, self._plan) for name in names])
        return {str(f): self._multiple(times[families == f].max(axis=0)) for f in set(families)}

    def _multiple(self, times: np.ndarray) -> float:
        """Return what the next block passes with a chance of the false alarms.

        A prediction bound of a log-normal distribution (Hahn and Meeker, Statistical Intervals,
        1991, section 4.3), or the quantile of the blocks themselves where that is larger.
        """
        rate = self._false_alarms / 2
        logs = np.log(np.maximum(times, 0.5))
        n = len(logs) / OVERLAP
        reach = -special.stdtrit(max(n - 1, 1), rate) * np.sqrt(1 + 1 / n)
        bound = np.exp(logs.mean() + reach * logs.std(ddof=1))
        return float(max(1, bound, np.quantile(times, 1 - rate)))
