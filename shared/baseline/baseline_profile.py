"""The baseline profile that a bundle keeps: its history's counts, and how much they vary."""

from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from shared.baseline import arrivals, bounded_shares
from shared.baseline.arrivals import HolidayRates
from shared.baseline.clock_gains import SHIFTS
from shared.baseline.day_counts import DayCounts
from shared.baseline.known_rows import KnownRows
from shared.baseline.noise import Noise, share_noise
from shared.baseline.statistics import SHARES, Statistic
from shared.baseline.stored_words import in_words_of_today
from shared.errors import Refusal
from shared.profiles import counts, dependence
from shared.profiles.counting_plan import CountingPlan, NumberPlan
from shared.profiles.counts import Counts
from shared.profiles.gram import HOUR
from shared.schema.arrow import HOUR_SECONDS

# Below this a statistic is no one's business, however certain it is. Twice as much where distances
# go to 1 instead of 0.5: of categories, and of the hour of the day.
FLOORS = {
    "missing": 0.02,
    "unreadable": 0.002,
    "new": 0.02,
    # Most of the values: a few are beyond all others on any day that is colder than all before.
    "range": 0.5,
    "unseen": 0.02,
    "values": 0.1,
    "spike": 0.03,
    "lead": 0.1,
    "fewer": 0.1,
    "distance": 0.04,
    "linear dependence": 0.3,
    "dependence": 0.1,
    "clock": 0.01,
    "volume": 0.25,
    "silence": 0.1,
}
# What may have a season that a history of less than a year knows nothing of.
SEASONAL = (
    *("range", "values", "spike", "fewer", "distance"),
    *("linear dependence", "dependence", "clock", "volume"),
)
YEAR_HOURS, SEASON_HOURS = 8_760, 672
# What a holiday may move; without an end, by so many times what is no one's business.
MOVED_BY_DAYS = ("missing", *(check for check in SEASONAL if check != "volume"))
MOST_FLOORS = 10


class BaselineSpan(BaseModel):
    """How far blocks of some hours, of so many `rows`, were from the rest of the history.

    `largest` is the largest value of each statistic, less what chance makes of it at the blocks'
    size; `multiples` is how many times as large it may be, for each family of statistics. Its
    square is larger by `growth` of itself for each hour between the history's end and a window, and
    for each such hour squared, as was seen up to a `gap` of so many hours. Shares are stretched
    before, so that the most that they can be is beyond all that may be.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    hours: int
    blocks: int
    rows: int
    largest: dict[str, float]
    multiples: dict[str, float]
    growth: dict[str, tuple[float, float]] = {}
    gap: float = 0.0

    def limit(self, statistic: Statistic, family: str, gap: float) -> float:
        """Return what a statistic may be that many hours after the history's end."""
        key = statistic_key(statistic)
        wander, trend = self.growth.get(key, (0.0, 0.0))
        grown = (1 + wander * gap + trend * gap**2) ** 0.5
        most = bounded_shares.most_of(family)
        stretched = bounded_shares.stretch(self.largest[key], most)
        return float(bounded_shares.shrink(self.multiples[family] * stretched * grown, most))


class BaselineProfile(BaseModel):
    """A problem's history: what is counted, the counts, and how they varied over which span.

    `chance` is that of one statistic passing its `noise`; `per_hour` are the rows of each hour of
    the week, as many as came of late, `repeated` the share of rows that repeat another, `hours` the
    history's length, `silence` the rows expected in a silence that came twice; `until` is its last
    row's time in seconds since 1970. `days` are what each type of day had, `holidays` how many rows
    come on one. Older bundles know none of these three, nor the `known_rows`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    plan: CountingPlan
    counts: dict[str, Any]
    false_alarms: float
    chance: float
    noise: dict[str, Noise]
    spans: tuple[BaselineSpan, ...]
    per_hour: tuple[float, ...]
    repeated: float
    hours: float
    silence: float = 0.0
    until: float | None = None
    known_rows: KnownRows | None = None
    days: DayCounts | None = None
    holidays: HolidayRates | None = None

    def gap_before(self, start: float | None) -> float:
        """Return how many hours after the history's end a window begins; 0 if not known.

        More than a year is a year: seasons come again.
        """
        if self.until is None or start is None:
            return 0.0
        return min(max(0.0, (start - self.until) / HOUR_SECONDS), YEAR_HOURS)

    @property
    def tried_gap(self) -> float:
        """Up to how many hours after a history's end its blocks were compared with it."""
        return max((span.gap for span in self.spans), default=0.0)

    def unseen_season(self, statistic: Statistic, gap: float) -> float:
        """Return by how much seasons that the history has not seen may move a statistic.

        After `SEASON_HOURS` it is what is no one's business, and grows with the root of the gap; a
        history of a year has seen all. After half as many hours all values may be beyond its range.
        """
        passed = max(0.0, 1 - self.hours / YEAR_HOURS) * gap / SEASON_HOURS
        if statistic.check not in SEASONAL:
            return 0.0
        if statistic.check == "range":
            return float(bounded_shares.shrink(bounded_shares.FARTHEST * (2 * passed) ** 0.5, 1.0))
        return floor(statistic, self.plan) * passed**0.5

    def expected_rows(self, start: float, until: float) -> np.ndarray:
        """Return how many rows are expected in each hour of a span (seconds since 1970).

        NaN on holidays of which the history has too few.
        """
        return arrivals.expected_rows(np.array(self.per_hour), start, until, self.holidays)

    def before(self, rows: np.ndarray | None = None) -> Counts:
        """Return the history's counts as arrays, shaped as `Counter` makes them.

        Given rows by the type of their day, as if the history's days had been of such types.
        """
        all_days = {name: np.asarray(found, dtype="int64") for name, found in self.counts.items()}
        if rows is None or self.days is None or not rows.sum():
            return all_days
        return self.days.on_such_days(all_days, np.array(self.days.rows), rows)


def read_baseline_profile(profile: dict[str, Any]) -> BaselineProfile:
    """Read a bundle's baseline profile; raises `Refusal` for one that knows no such profile."""
    try:
        return BaselineProfile.model_validate(in_words_of_today(profile))
    except ValidationError:
        raise Refusal(
            "the bundle was packaged by an older Millrace, which learnt no baseline: "
            "train and package it again"
        ) from None


def statistic_key(statistic: Statistic) -> str:
    """Return a statistic's name among JSON's keys."""
    return f"{statistic.check} {statistic.column}"


def family(statistic: Statistic, planned: CountingPlan) -> str:
    """Return the name of the statistics that have a multiple in common."""
    if statistic.check in arrivals.CHECKS:
        return statistic.check
    return f"{statistic.check} of {'numbers' if _number(statistic, planned) else 'categories'}"


def floor(statistic: Statistic, planned: CountingPlan) -> float:
    """Return what a statistic has to be before it is anyone's business."""
    # Others tell the hour as light and habits do, which move with the season.
    hours = statistic == ("linear dependence", HOUR)
    wide = hours or (statistic.check == "distance" and not _number(statistic, planned))
    return FLOORS[statistic.check] * (2 if wide else 1)


def moved_by_days(statistic: Statistic, planned: CountingPlan) -> float:
    """Return by how much holidays of which history has too few may move a statistic at most.

    Their rows may have any values.
    """
    if statistic.check not in MOVED_BY_DAYS:
        return 0.0
    most = bounded_shares.most_of(family(statistic, planned))
    return most if np.isfinite(most) else MOST_FLOORS * floor(statistic, planned)


def chance_level(
    statistic: Statistic, now: Counts, before: Counts, noise: Noise | None, chance: float | None
) -> np.ndarray:
    """Return the most that chance makes of a statistic at the rows counted now, at this `chance`.

    Without a `chance`, what it makes on average. Shape: the leading axes of `now`.
    """
    check, column = statistic
    rows = now["rows"]
    if check == "clock":
        # A ratio of likelihoods is beyond one over a chance with that chance (Markov's inequality).
        most = 0.0 if chance is None else np.log(len(SHIFTS) / chance)
        return np.asarray(most / np.maximum(rows, 1))
    if check in ("new", "range", "unseen", "values", "spike", "lead", "fewer", "distance"):
        rows = now[f"bins {column}"].sum(axis=-1)
    elif check == "dependence":
        rows = now[dependence.count_name(column)].sum(axis=-1)
    if check not in SHARES or noise is not None:
        assert noise is not None
        return (noise.mean if chance is None else noise.most) / np.sqrt(np.maximum(rows, 1))
    counted, share = int(before["rows"]), 0.0
    if check == "range":
        # Of n numbers like it, a new one is as likely the least or the largest as any of them.
        share = 2 / max(before[f"bins {column}"].sum() + 1, 2)
    elif check not in ("new", "unseen"):
        share = before[f"lost {column}"][counts.LOST.index(check)] / max(counted, 1)
    if chance is None:
        return np.sqrt(share * (1 - share) / np.maximum(rows, 1))
    return np.maximum(share_noise(share, counted, rows, chance), 0)


def _number(statistic: Statistic, planned: CountingPlan) -> bool:
    return isinstance(planned.by_name.get(statistic.column), NumberPlan)
