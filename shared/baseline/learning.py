"""What is usual of a problem: how far its own history was from itself, over spans like a window's.

History is cut into blocks of a span, and every statistic is computed of each block: beside all the
rest, and beside all that came before it, as a season goes on. A block's statistics are then held
against the largest ones of the blocks that do not overlap it. How many times larger they come out,
over all blocks, tells how far beyond the largest known one a threshold has to be for the promised
rate of false alarms.
"""

import numpy as np
import pyarrow as pa
from scipy import special

from shared.baseline import arrivals, baseline_profile, dependence_trees, statistics
from shared.baseline.baseline_profile import BaselineProfile, BaselineSpan
from shared.baseline.out_of_time import OutOfTimeTrees
from shared.baseline.statistics import Noise, Statistic
from shared.baseline.unseen_values import UnseenValues
from shared.profiles import counting_plan, counts, dependence, gram
from shared.profiles.counting_plan import CountingPlan, Dependence, NumberPlan
from shared.profiles.counts import Counter, Counts
from shared.schema import arrow
from shared.schema.contract import Contract

SPANS_HOURS = (3, 8, 16, 24, 36, 60, 84, 108, 132, 168, 252, 336, 504, 756, 1_512, 2_268, 4_536)
MOST_CELLS = 3_000
# Numbers that the cells' products of columns may take: 320 MB.
MOST_PRODUCTS = 40_000_000
FEWEST_ROWS = 30
# Overlapping by half, so many blocks are the fewest that tell what is usual of a span, and the
# fewest that tell how far beyond the largest one the next may be.
FEWEST_BLOCKS, FEWEST_FOR_TAIL = 5, 25
# Blocks that overlap by half are worth as many that do not.
OVERLAP = 1.5
# A block is compared with what came before it once this share of the history has.
EARLIEST = 1 / 3
MOST_REFITS = 60
SPREAD_ROWS, SPREAD_GROUP = 50_000, 20
# A share of the false alarms that is left to chance alone; the rest is for what varies in time.
BY_CHANCE = 0.25


def learn(table: pa.Table, contract: Contract, false_alarms: float) -> BaselineProfile:
    """Learn what is usual from the history of a problem: a table with the features and the score.

    Rows without a time that can be read are left out.
    """
    planned = counting_plan.plan_counting(table, contract)
    table, moments = _in_time(table, planned)
    counter, grown = Counter(planned), dependence_trees.grow(table, planned)
    cell = _cell_hours(moments, counter.relations.size, grown) * arrow.HOUR_SECONDS
    edges = np.arange(moments[0] // cell, moments[-1] // cell + 2) * cell
    starts = np.searchsorted(moments, edges[:-1])
    trees = OutOfTimeTrees(table, starts, planned)
    proven = tuple(dependent for dependent in grown if dependent.column in trees.columns)
    planned = planned.model_copy(update={"dependences": proven})
    counted = counter.count(table, starts)
    cells = counted.counts | dependence.DependenceCounter(planned).count(table, starts)
    total = {name: found.sum(axis=0) for name, found in cells.items()}
    inverse = gram.precision(total["gram"])
    checks = len(statistics.measure(total, total, planned, inverse))
    chance = BY_CHANCE * false_alarms / checks
    spread = _spread(table, counter, inverse)
    noise = statistics.noise(total, planned, chance, spread)
    per_hour = arrivals.per_hour(moments)
    due = arrivals.expected(np.array(per_hour), edges[0], edges[-1])
    due = due.reshape(len(edges) - 1, -1).sum(axis=1)
    unseen_values = {
        column.name: UnseenValues(arrow.numbers(table[column.name])[0])
        for column in planned.columns
        if isinstance(column, NumberPlan) and column.values
    }
    running = counts.running(cells)
    blocks = _Blocks(running, due, unseen_values, trees, planned, inverse, noise, false_alarms)
    spans: list[BaselineSpan] = []
    for hours in SPANS_HOURS:
        width = round(hours * arrow.HOUR_SECONDS / cell)
        found = blocks.span(hours, width, spans[-1] if spans else None) if width else None
        if found:
            spans.append(found)
    return BaselineProfile(
        plan=planned,
        counts={name: found.tolist() for name, found in total.items()},
        false_alarms=false_alarms,
        chance=chance,
        noise={baseline_profile.word(s): n for s, n in noise.items()},
        spans=tuple(spans),
        per_hour=tuple(per_hour),
        repeated=1 - len(np.unique(counted.digests)) / table.num_rows,
        hours=float(moments[-1] - moments[0]) / arrow.HOUR_SECONDS,
    )


class _Blocks:
    """A history's running counts, cut into blocks."""

    def __init__(
        self,
        running: Counts,
        arrived: np.ndarray,
        unseen_values: dict[str, UnseenValues],
        trees: OutOfTimeTrees,
        planned: CountingPlan,
        inverse: np.ndarray,
        noise: dict[Statistic, Noise],
        false_alarms: float,
    ) -> None:
        self._running, self._plan = running, planned
        self._total = {name: sums[-1] for name, sums in running.items()}
        self._arrivals = np.diff(running["rows"]), arrived
        self._unseen_values, self._trees = unseen_values, trees
        self._inverse, self._noise, self._false_alarms = inverse, noise, false_alarms

    def span(self, hours: int, width: int, shorter: BaselineSpan | None) -> BaselineSpan | None:
        """Learn what is usual over blocks of so many cells; None if there are too few of them.

        What too few blocks cannot tell is taken from a shorter span.
        """
        last = len(self._running["rows"]) - 1
        begins = np.arange(last % max(1, width // 2), last - width + 1, max(1, width // 2))
        rows = self._running["rows"][begins + width] - self._running["rows"][begins]
        begins = begins[rows >= max(FEWEST_ROWS, np.median(rows) / 4)] if len(rows) else begins
        if len(begins) < FEWEST_BLOCKS:
            return None
        over, now = self._over(begins, width)
        over |= self._of_arrivals(begins, width)
        names = list(over)
        table = np.array([over[name] for name in names])
        most = zip(names, table.max(axis=1), strict=True)
        largest = {baseline_profile.word(name): float(found) for name, found in most}
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

    def _over(self, begins: np.ndarray, width: int) -> tuple[dict[Statistic, np.ndarray], Counts]:
        """Return by how much each block's statistics are more than the average of chance."""
        now = counts.between(self._running, begins, begins + width)
        rest = {name: self._total[name] - found for name, found in now.items()}
        found = statistics.measure(now, rest, self._plan, self._inverse)
        total = self._running["rows"][-1]
        begin, end = (self._running["rows"][at] for at in (begins, begins + width))
        late = np.flatnonzero(self._running["rows"][begins] >= EARLIEST * total)
        if len(late):
            before = {name: sums[begins[late]] for name, sums in self._running.items()}
            at = np.unique(np.linspace(0, len(late) - 1, MOST_REFITS).astype(int))
            refits = gram.precision(before["gram"][at])
            inverses = refits[np.searchsorted(at, np.arange(len(late)), side="right") - 1]
            then = {name: sums[late] for name, sums in now.items()}
            since = statistics.measure(then, before, self._plan, inverses)
            for name, measured in since.items():
                found[name][late] = np.maximum(found[name][late], measured)
        for name, measured in self._trees.measure(begins, width).items():
            if name in found:
                found[name] = np.maximum(found[name], measured)
        for column, unseen in self._unseen_values.items():
            spans = zip(begin, end, begin >= EARLIEST * total, strict=True)
            shares = np.array([unseen.share(a, b, later) for a, b, later in spans])
            found[Statistic("unseen", column)] = shares
        for name, measured in found.items():
            mean = baseline_profile.by_chance(name, now, self._total, self._noise.get(name), None)
            found[name] = np.sqrt(np.maximum(measured**2 - mean**2, 0))
        return found, now

    def _of_arrivals(self, begins: np.ndarray, width: int) -> dict[Statistic, np.ndarray]:
        found = [
            arrivals.measure(*(side[a : a + width] for side in self._arrivals)) for a in begins
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


def _in_time(table: pa.Table, planned: CountingPlan) -> tuple[pa.Table, np.ndarray]:
    moments = arrow.seconds(table[planned.time])
    order = np.argsort(moments, kind="stable")
    order = order[np.isfinite(moments[order])]
    return table.take(pa.array(order)), moments[order]


def _cell_hours(moments: np.ndarray, size: int, grown: tuple[Dependence, ...]) -> int:
    hours = (moments[-1] - moments[0]) / arrow.HOUR_SECONDS
    # Those of dependences are counted once more, by trees of earlier parts of the history.
    wide = size**2 + 3 * sum(dependent.shape[0] * dependent.shape[1] for dependent in grown)
    return max(1, int(np.ceil(hours / min(MOST_CELLS, MOST_PRODUCTS // wide))))


def _spread(table: pa.Table, counter: Counter, inverse: np.ndarray) -> dict[str, float]:
    rows = np.arange(0, table.num_rows, max(1, table.num_rows // SPREAD_ROWS))
    part = table.take(pa.array(np.random.default_rng(0).permutation(rows)))
    few = counter.count(part, np.arange(0, part.num_rows, SPREAD_GROUP)).counts
    over = gram.left_over(few["gram"].astype("float64"), inverse, counter.relations.groups)
    deviations = over.std(axis=0) * np.sqrt(SPREAD_GROUP)
    return dict(zip(counter.relations.groups, deviations.tolist(), strict=True))
