"""The type of a day: one of the week, or a holiday by a calendar."""

from collections.abc import Mapping

import numpy as np

from shared import holiday_calendars
from shared.profiles.gram import DAY_SECONDS, HOLIDAY_TYPES, WEEKDAYS
from shared.schema.arrow import HOUR_SECONDS

# The first of January 1970 was a Thursday; Monday is day 0.
FIRST_WEEKDAY = 3
# After the days of the week: a holiday on a day of work, and one that is at a weekend anyway.
HOLIDAY_AT_WORK, HOLIDAY_AT_WEEKEND = WEEKDAYS, WEEKDAYS + 1
DAY_TYPES = WEEKDAYS + HOLIDAY_TYPES


def weekdays(days: np.ndarray) -> np.ndarray:
    """Return the day of the week, Monday being 0, of days since 1970."""
    return (days + FIRST_WEEKDAY) % WEEKDAYS


def is_holiday(calendar: str, days: np.ndarray) -> np.ndarray:
    """Tell which of some whole days since 1970 are holidays by a calendar."""
    dates = days.astype("datetime64[D]")
    years = np.unique(dates.astype("datetime64[Y]")).astype(int) + 1970
    free = [day for year in years.tolist() for day in holiday_calendars.holidays_in(calendar, year)]
    return np.isin(dates, np.array(free, "datetime64[D]"))


def day_types(days: np.ndarray, calendar: str | None) -> np.ndarray:
    """Return the type of each whole day since 1970 (UTC): 0 is Monday."""
    found = weekdays(days)
    if calendar is None:
        return found
    free = is_holiday(calendar, days)
    rest = np.isin(found, holiday_calendars.weekend(calendar))
    return np.where(free, np.where(rest, HOLIDAY_AT_WEEKEND, HOLIDAY_AT_WORK), found)


def types_at(seconds: np.ndarray, calendar: str | None) -> np.ndarray:
    """Return the type of the day of each moment, in seconds since 1970 (UTC)."""
    days, at = np.unique(np.asarray(seconds // DAY_SECONDS, "int64"), return_inverse=True)
    return day_types(days, calendar)[at]


def holiday_types(seconds: np.ndarray, calendar: str) -> np.ndarray:
    """Return the type of holiday on which each moment is, from 1 on; 0 where it is on none."""
    known = np.isfinite(seconds)
    types = types_at(np.where(known, seconds, 0), calendar)
    return np.where(known, np.maximum(types - WEEKDAYS + 1, 0), 0)


def holiday_features(seconds: np.ndarray, calendar: str) -> np.ndarray:
    """Return which moments are on a holiday of each type: shape (types, moments)."""
    return holiday_types(seconds, calendar) == np.arange(1, HOLIDAY_TYPES + 1)[:, None]


def rows_by_type(arrived: Mapping[int, int], calendar: str | None) -> np.ndarray:
    """Return how many rows came on days of each type, given those of each hour since 1970."""
    hours, rows = np.array([*arrived]), np.array([*arrived.values()])
    return np.bincount(types_at(hours * HOUR_SECONDS, calendar), rows, minlength=DAY_TYPES)
