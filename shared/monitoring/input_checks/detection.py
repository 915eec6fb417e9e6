"""Drift: what of a window is beyond the thresholds that its baseline sets."""

from collections.abc import Collection
from copy import copy
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from shared.baseline import arrivals, baseline_profile, bounded_shares, statistics
from shared.baseline.baseline_profile import BaselineProfile, BaselineSpan
from shared.baseline.clock_changes import changes_between
from shared.baseline.clock_gains import ClockGains, clock_gains
from shared.baseline.day_counts import FEWEST_HOURS
from shared.baseline.statistics import Statistic
from shared.profiles import dependence, gram, unseen_names
from shared.profiles.counting_plan import NumberPlan
from shared.profiles.counts import LOST, Counts
from shared.schema import arrow
from shared.schema.arrow import HOUR_SECONDS

# A file with a smaller share of the expected rows is a sample: its volume says nothing.
SAMPLE = 0.25
# How much longer than one that came twice a silence may be: months and years are not all as long.
LONGER = 1.1
# A column is frozen where so many rows have one value alone, and in each of so many spans no value
# had more than such a share.
FEWEST_FROZEN, FEWEST_BLOCKS, MOVED = 30, 10, 0.75
# Checks that depend on exact values.
EXACT = ("unseen", "values", "spike", "lead")
GRAMS = {"gram", "held gram", "own gram"}


@dataclass(frozen=True)
class Deviation:
    """A statistic of a window beside its threshold.

    `largest` is the largest one of the `blocks` ordinary spans of `hours` hours that the threshold
    was learnt from, corrected for their size; None where history is too short, and the
    threshold is what chance alone makes of so few rows.
    """

    statistic: Statistic
    number: float
    threshold: float
    largest: float | None
    hours: int | None
    blocks: int | None

    @property
    def excess(self) -> float:
        """How many times its threshold the number is."""
        return self.number / self.threshold

    @property
    def beyond(self) -> bool:
        """Whether the number has passed its threshold."""
        return self.number > self.threshold


class DriftDetector:
    """A baseline, ready to compare windows with that begin `gap` hours after its end.

    Columns that are left out by `without` are compared by nothing. Where it is known how many rows
    came on `days` of each type, they are compared with days like theirs.
    """

    def __init__(
        self,
        baseline: BaselineProfile,
        gap: float = 0.0,
        without: Collection[str] = (),
        days: np.ndarray | None = None,
    ) -> None:
        self.baseline, self._gap, self._without = baseline, gap, {*without}
        self._age = gap
        self.history = baseline.before()
        self.groups = gram.GramLayout(baseline.plan).groups
        self.known = {*baseline.plan.names, gram.HOUR}
        self.inverse = gram.precision(self.history["gram"])
        self.dependences = {dependent.column: dependent for dependent in baseline.plan.dependences}
        self._counter = dependence.DependenceCounter(baseline.plan)
        self._on_such_days = self.history if days is None else baseline.before(days)
        self._unknown_days = 0.0
        if days is not None and baseline.days:
            self._unknown_days = float(baseline.days.share_unknown(days))

    def without_gap(self) -> "DriftDetector":
        """Return a detector of the same baseline, as sharp as at its end.

        Beyond the range that history had, all values may be after some time, and nothing be wrong.
        """
        sharp = copy(self)
        sharp._gap = 0.0
        return sharp

    def with_dependences(self, now: Counts, rows: pd.DataFrame) -> Counts:
        """Return counts of a window with those that need some of its rows.

        They are of dependences, and of names that history never had.
        """
        table = arrow.table(rows)
        named = unseen_names.count_names(table, self.baseline.plan)
        return now | self._counter.count(table) | named

    def measure(
        self, now: Counts, hours: float, without: Collection[str] = ()
    ) -> dict[Statistic, Deviation]:
        """Compare every statistic of a window of so many hours with its threshold.

        Columns that are left out, or absent, have none, and say nothing of the others.
        """
        gone = self._gone(now, without)
        now, before, inverse = self.compared(now, hours, gone)
        measured = statistics.measure(now, before, self.baseline.plan, inverse)
        if changed := self.clock_changes(hours):
            gains = clock_gains(now, before, self.baseline.plan, inverse)
            measured[Statistic("clock", gram.HOUR)] = np.maximum(gains.most(changed), 0)
        return {
            statistic: self._compared(statistic, float(number), now, hours)
            for statistic, number in measured.items()
            if self._unaffected(statistic, gone) and self._is_known(statistic)
        }

    def compared(
        self, now: Counts, hours: float, gone: Collection[str] | None = None
    ) -> tuple[Counts, Counts, np.ndarray]:
        """Return counts of a window and of the history beside it, and the precision matrix.

        Columns that are `gone`, or absent, depend on no other in them.
        """
        gone = self._gone(now, ()) if gone is None else {*gone}
        before, inverse = self._before(hours), self.inverse
        if gone:
            now, before = (
                each
                | {n: gram.without_columns(each[n], self.groups, gone) for n in GRAMS & {*each}}
                for each in (now, before)
            )
            inverse = gram.precision(before["gram"])
        return now, before, inverse

    def clock_gains(self, now: Counts, hours: float) -> ClockGains:
        """Return how much likelier rows of a window are with their clock turned back."""
        now, before, inverse = self.compared(now, hours)
        return clock_gains(now, before, self.baseline.plan, inverse)

    def clock_changes(self, hours: float) -> frozenset[int]:
        """Return by how much rows of a window may come later, or earlier, as clocks were changed.

        That is since the last quarter of the history: most of it was before a change in there.
        """
        until = self.baseline.until
        if until is None:
            return frozenset()
        known = until - self.baseline.hours / 4 * HOUR_SECONDS
        start = until + self._age * HOUR_SECONDS
        return changes_between(known, (start, start + hours * HOUR_SECONDS))

    def _gone(self, now: Counts, without: Collection[str]) -> set[str]:
        """Return the columns that are left out or absent."""
        gone = {*without, *self._without} | {
            name for name in self.baseline.plan.names if _absent(name, now)
        }
        # Both are of the time.
        return gone | ({gram.WEEKDAY} if gram.HOUR in gone else set())

    def arrivals(
        self, arrived: dict[int, int], start: float, until: float, whole: bool
    ) -> dict[Statistic, Deviation]:
        """Compare the volume and the longest silence of a span (seconds since 1970) with theirs.

        Unless the `whole` span is known to be there, few rows are taken for a sample of them.
        """
        due, first = self.baseline.expected_rows(start, until), int(start // HOUR_SECONDS)
        came = np.array([arrived.get(first + at, 0) for at in range(len(due))], dtype="float64")
        came, due = arrivals.only_known(came, due)
        if not due.sum() or not len(due):
            return {}
        sampled = not whole and came.sum() < SAMPLE * due.sum()
        numbers = dict(zip(arrivals.CHECKS, arrivals.volume_and_silence(came, due), strict=True))
        rows = came.sum() if sampled else due.sum()
        hours = (until - start) / HOUR_SECONDS
        # The rows of the longest silence that chance alone leaves among so many, and their share.
        day = min(1.0, 24 / len(due))
        alone = -np.log(self.baseline.chance) / max(rows * day, 1)
        chance = {"volume": 5 / np.sqrt(max(due.sum(), 1)), "silence": alone}
        known = {"silence": LONGER * self.baseline.silence / (due.sum() * day)}
        return {
            (named := Statistic(check, self.baseline.plan.time)): self._deviation(
                named, number, chance[check], hours, known.get(check, 0.0)
            )
            for check, number in numbers.items()
            if not (sampled and check == "volume")
        }

    def beyond(
        self,
        now: Counts,
        hours: float,
        without: Collection[str] = (),
        about: Collection[str] = (),
    ) -> dict[str, float]:
        """Return by how much columns are beyond their thresholds: logarithms, added up.

        Of those that are known only `about`, no exact value says anything.
        """
        columns: dict[str, float] = {}
        for statistic, deviation in self.measure(now, hours, without).items():
            vague = statistic.column in about and statistic.check in EXACT
            if deviation.beyond and not vague:
                more = columns.get(statistic.column, 0.0)
                columns[statistic.column] = more + 0.1 + float(np.log(deviation.excess))
        return columns

    def _before(self, hours: float) -> Counts:
        return self._on_such_days if hours >= FEWEST_HOURS else self.history

    def _unaffected(self, statistic: Statistic, gone: set[str]) -> bool:
        """Tell whether a statistic has nothing to do with the columns that are left out."""
        names = {statistic.column}
        if statistic.check == "dependence":
            names |= set(self.dependences[statistic.column].others)
        return not names & gone

    def _is_known(self, statistic: Statistic) -> bool:
        """Tell whether the history was asked of a check: one of an older bundle knows not all."""
        spans, key = self.baseline.spans, baseline_profile.statistic_key(statistic)
        return not spans or key in spans[0].largest

    def _compared(
        self, statistic: Statistic, number: float, now: Counts, hours: float
    ) -> Deviation:
        noise = self.baseline.noise.get(baseline_profile.statistic_key(statistic))
        chance = baseline_profile.chance_level(
            statistic, now, self._before(hours), noise, self.baseline.chance
        )
        found = self._deviation(statistic, number, float(chance), hours)
        if statistic.check != "spike" or not self.is_frozen(statistic.column, now):
            return found
        return as_frozen(found, hours)

    def without_chance(self, found: Deviation, hours: float) -> Deviation:
        """Return a deviation beside what spans of history alone make its threshold."""
        return self._deviation(found.statistic, found.number, 0.0, hours)

    def is_frozen(self, column: str, now: Counts) -> bool:
        """Say whether all values of a column are one and the same."""
        number = isinstance(self.baseline.plan[column], NumberPlan)
        # The last category is all names that history never had.
        counted = now[f"exact {column}"] if number else now[f"bins {column}"][:-1]
        rows = now[f"bins {column}"].sum()
        return bool(rows >= FEWEST_FROZEN and counted.max(initial=0) == rows)

    def _deviation(
        self, statistic: Statistic, number: float, chance: float, hours: float, known: float = 0.0
    ) -> Deviation:
        least = max(known, baseline_profile.floor(statistic, self.baseline.plan))
        family = baseline_profile.family(statistic, self.baseline.plan)
        gap = self._age if statistic.check == "range" else self._gap
        best: tuple[float, float | None, BaselineSpan | None] = (least, None, None)
        for span in self._spans(hours):
            largest = span.largest[baseline_profile.statistic_key(statistic)]
            limit = span.limit(statistic, family, gap)
            if best[2] is None or limit > best[0]:
                best = (max(least, limit), largest, span)
        limit, largest_one, chosen = best
        most = bounded_shares.most_of(family)
        season = self.baseline.unseen_season(statistic, gap)
        of_days = self._unknown_days * baseline_profile.moved_by_days(statistic, self.baseline.plan)
        season = float(np.hypot(season, of_days))
        return Deviation(
            statistic=statistic,
            number=number,
            threshold=_with_chance(statistic, limit, season, chance, most),
            largest=largest_one,
            hours=chosen.hours if chosen else None,
            blocks=chosen.blocks if chosen else None,
        )

    def _spans(self, hours: float) -> list[BaselineSpan]:
        """Return the learnt spans around a window's: the longest that fits in it, and the next."""
        spans = self.baseline.spans
        within = [span for span in spans if span.hours <= 1.02 * hours][-1:]
        around = [span for span in spans if span.hours >= 0.98 * hours][:1]
        return within + [span for span in around if span not in within]


def as_frozen(found: Deviation, hours: float) -> Deviation:
    """Return the deviation of a column that has one value alone, which no long span came near to.

    How far a share may vary is learnt of shares, and says little of what stands still.
    """
    long = found.blocks is not None and (found.hours or 0) <= 1.02 * hours
    if found.largest is None or not long or (found.blocks or 0) < FEWEST_BLOCKS:
        return found
    once = 1 - found.number
    most = once + found.largest
    halfway = (1 + most) / 2 - once
    return replace(found, threshold=min(found.threshold, halfway)) if most <= MOVED else found


def _with_chance(
    statistic: Statistic, limit: float, season: float, chance: float, most: float
) -> float:
    """Return the threshold that a limit, an unseen season and chance make together.

    How little is left of a dependence is a logarithm, and chance is known of the share.
    """
    if statistic.check != "dependence":
        parts = bounded_shares.stretch(np.array([limit, season, chance]), most)
        return float(bounded_shares.shrink(float(np.linalg.norm(parts)), most))
    lost = np.hypot(dependence.lost_share(np.hypot(limit, season)), chance)
    return float(dependence.as_loss(lost))


def _absent(column: str, now: Counts) -> bool:
    return bool(now[f"lost {column}"][LOST.index("absent")])
