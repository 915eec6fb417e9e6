"""When rows come: how many in an hour of the week, and how long none do."""

from typing import Literal, NamedTuple, get_args

import numpy as np

from shared.profiles.day_types import DAY_TYPES, day_types, types_at
from shared.profiles.gram import DAY_SECONDS, WEEKDAYS
from shared.schema.arrow import HOUR_SECONDS

WEEK_HOURS = 168
# Of the mean rows of an hour; with no more of them it is quiet.
QUIET = 0.02
# How many rows come is that of the last four weeks; when, is that of the whole history. Where rows
# come seldom, it is that of so many silences that came twice.
LEVEL_HOURS, LEVEL_SILENCES = 4 * WEEK_HOURS, 12
# Of holidays so many say how many rows come on one, beside the days that are so near.
FEWEST_HOLIDAYS, NEAR_DAYS = 8, 14
ArrivalCheck = Literal["volume", "silence"]
CHECKS: tuple[ArrivalCheck, ...] = get_args(ArrivalCheck)


class HolidayRates(NamedTuple):
    """How many times an ordinary day's rows come on a holiday, by a calendar.

    It may be on a day of work, or at a weekend anyway; None where history has too few of them.
    """

    calendar: str
    at_work: float | None
    at_weekend: float | None

    def of_hours(self, hours: np.ndarray) -> np.ndarray:
        """Return the rate of some hours since 1970; NaN where it is not known."""
        rates = np.ones(DAY_TYPES)
        rates[WEEKDAYS:] = [np.nan if rate is None else rate for rate in self[1:]]
        return rates[types_at(hours * HOUR_SECONDS, self.calendar)]


def rows_per_hour(moments: np.ndarray, calendar: str | None = None) -> list[float]:
    """Return how many rows came in each hour of the week (from Thursday 0:00 UTC), on average.

    An hour that the history never had is taken for the same hour of its other days. Holidays count
    for nothing.
    """
    first, last = int(moments[0] // HOUR_SECONDS), int(moments[-1] // HOUR_SECONDS)
    hours, at = np.arange(first, last + 1), np.asarray(moments // HOUR_SECONDS, "int64")
    if calendar:
        ordinary = types_at(hours * HOUR_SECONDS, calendar) < WEEKDAYS
        at, hours = at[ordinary[at - first]], hours[ordinary]
    came = np.bincount(at % WEEK_HOURS, minlength=WEEK_HOURS)
    had = np.bincount(hours % WEEK_HOURS, minlength=WEEK_HOURS)
    days = came.reshape(7, 24).sum(axis=0) / np.maximum(had.reshape(7, 24).sum(axis=0), 1)
    expected_rows = np.where(had > 0, came / np.maximum(had, 1), np.tile(days, 7))
    return [float(rows) for rows in expected_rows]


def holiday_rates(moments: np.ndarray, per_hour: np.ndarray, calendar: str) -> HolidayRates:
    """Learn from rows' rising times how many come on holidays, beside the ordinary days near by."""
    first, last = int(moments[0] // DAY_SECONDS), int(moments[-1] // DAY_SECONDS)
    days = np.arange(first, last + 1)
    came = np.bincount(np.asarray(moments // DAY_SECONDS, "int64") - first, minlength=len(days))
    due = expected_rows(per_hour, first * DAY_SECONDS, (last + 1) * DAY_SECONDS)
    due, types = due.reshape(-1, 24).sum(axis=1), day_types(days, calendar)
    for at in np.flatnonzero(types >= WEEKDAYS):
        near = slice(max(0, at - NEAR_DAYS), at + NEAR_DAYS + 1)
        ordinary = types[near] < WEEKDAYS
        due[at] *= came[near][ordinary].sum() / max(due[near][ordinary].sum(), 1)
    rates = (
        float(came[types == of_type].sum() / due[types == of_type].sum())
        if (types == of_type).sum() >= FEWEST_HOLIDAYS and due[types == of_type].sum()
        else None
        for of_type in range(WEEKDAYS, DAY_TYPES)
    )
    return HolidayRates(calendar, *rates)


def expected_rows(
    per_hour: np.ndarray, start: float, until: float, holidays: HolidayRates | None = None
) -> np.ndarray:
    """Return how many rows are expected in each hour that a span (seconds since 1970) touches.

    NaN on holidays of which history has too few.
    """
    hours = np.arange(int(start // HOUR_SECONDS), int(np.ceil(until / HOUR_SECONDS)))
    begins = np.maximum(hours * HOUR_SECONDS, start)
    ends = np.minimum((hours + 1) * HOUR_SECONDS, until)
    due = per_hour[hours % WEEK_HOURS] * (ends - begins) / HOUR_SECONDS
    return due * holidays.of_hours(hours) if holidays else due


def hours_covered(per_hour: np.ndarray, start: float, until: float) -> float:
    """Return how many hours rows from `start` to `until` (seconds since 1970) stand for.

    The quiet hours around them, in which next to none are due, are among them once: the flights of
    a day are those of all its hours, though none departs at night.
    """
    quiet = per_hour <= QUIET * per_hour.mean()
    first, last = int(start // HOUR_SECONDS), int(-(-until // HOUR_SECONDS))
    before = next((n for n in range(24) if not quiet[(first - 1 - n) % WEEK_HOURS]), 0)
    after = next((n for n in range(24) if not quiet[(last + n) % WEEK_HOURS]), 0)
    begin = first * HOUR_SECONDS if before else start
    end = last * HOUR_SECONDS if after else until
    return (end - begin) / HOUR_SECONDS + max(before, after)


def whole_day(start: float, until: float) -> tuple[float, float]:
    """Return the day that a span (seconds since 1970) of a day at most is of; any other as it is.

    It is a day of UTC, or, where the span lies in two, as a day of another zone does, the one that
    begins with the span's first hour.
    """
    if until - start > DAY_SECONDS:
        return start, until
    midnight = start // DAY_SECONDS * DAY_SECONDS
    hour = max(start // HOUR_SECONDS * HOUR_SECONDS, until - DAY_SECONDS)
    begin = midnight if until <= midnight + DAY_SECONDS else hour
    return begin, begin + DAY_SECONDS


def only_known(rows: np.ndarray, expected_rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return rows and expected ones without those of hours of which it is not known what is due."""
    known = ~np.isnan(expected_rows)
    return np.where(known, rows, 0), np.where(known, expected_rows, 0)


def volume_and_silence(rows: np.ndarray, expected_rows: np.ndarray) -> tuple[float, float]:
    """Return the volume and the silence of a span: rows that came, and expected ones, of each hour.

    The volume is the natural logarithm of how many times as many, or as few, came; the silence what
    is expected in the longest run of hours without a row, where as many come as here, as a share of
    what is expected in a day (or in the whole span, if that is shorter).
    """
    came, due = float(rows.sum()), float(expected_rows.sum())
    if not due:
        return 0.0, 0.0
    daily = due * min(1.0, 24 / len(rows))
    return abs(float(np.log(max(came, 0.5) / due))), longest_silence(rows, expected_rows)[0] / daily


def level_hours(moments: np.ndarray) -> float:
    """Return the hours at the end of a history in time that tell how many rows come now."""
    between = np.sort(np.diff(np.unique(moments // HOUR_SECONDS)))
    return max(LEVEL_HOURS, LEVEL_SILENCES * float(between[-2]) if len(between) > 1 else 0.0)


def repeated_silence(
    moments: np.ndarray, per_hour: np.ndarray, holidays: HolidayRates | None = None
) -> float:
    """Return the rows expected in the second longest silence of a history in time: it came twice.

    Rows of a table that grows once a month, or a year, all stand at a few moments, farther apart
    than the spans that thresholds are learnt from.
    """
    hours = np.unique(np.asarray(moments // HOUR_SECONDS, "int64"))
    span = hours[0] * HOUR_SECONDS, (hours[-1] + 1) * HOUR_SECONDS
    due = np.nan_to_num(expected_rows(per_hour, *span, holidays))
    before = np.concatenate([[0.0], np.cumsum(due)])
    at = hours - hours[0]
    between = np.sort(before[at[1:]] - before[at[:-1] + 1])
    return float(between[-2]) if len(between) > 1 else 0.0


def longest_silence(rows: np.ndarray, expected_rows: np.ndarray) -> tuple[float, int, int]:
    """Return the most rows expected while none came, and that run of hours: [from, to)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], rows == 0, [0]])))
    runs = [(float(expected_rows[a:b].sum()), int(a), int(b)) for a, b in edges.reshape(-1, 2)]
    return max(runs, default=(0.0, 0, 0))
