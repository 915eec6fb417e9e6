"""Arrivals: rows stand for the quiet hours around them, too; a silence may come again."""

import numpy as np
import pytest

from shared.baseline import arrivals
from shared.baseline.arrivals import HolidayRates

HOUR = 3_600.0


@pytest.mark.parametrize(
    ("open_at", "first", "last", "hours"),
    [
        (range(24), 0.5, 30.25, 29.75),
        (range(5, 23), 5.5, 22.5, 24),
        (range(5, 23), 5.5, 24 * 6 + 22.5, 168),
        (range(1), 0, 24 * 6, 167),
        (range(5, 23), 9, 12, 3),
    ],
)
def test_quiet_hours_around_rows_are_theirs_once(
    open_at: range, first: float, last: float, hours: float
) -> None:
    per_hour = np.tile([10.0 if hour in open_at else 0.0 for hour in range(24)], 7)
    assert arrivals.hours_covered(per_hour, first * HOUR, last * HOUR) == pytest.approx(hours)


@pytest.mark.parametrize(
    ("first", "last", "day"),
    [
        (0.1, 23.9, (0, 24)),
        (13.2, 14.9, (0, 24)),
        (24, 48, (24, 48)),
        (28.1, 51.8, (28, 52)),
        (28.9, 52.8, (28.8, 52.8)),
        (22.5, 26, (22, 46)),
        (5, 29.1, (5, 29.1)),
    ],
)
def test_a_span_of_a_day_at_most_is_of_the_whole_day_in_whichever_zone_it_begins(
    first: float, last: float, day: tuple[float, float]
) -> None:
    found = arrivals.whole_day(first * HOUR, last * HOUR)
    assert found == pytest.approx((day[0] * HOUR, day[1] * HOUR))


def test_the_silence_that_came_twice_is_the_second_longest_in_expected_rows() -> None:
    open_at = np.tile([10.0 if 5 <= hour < 23 else 0.0 for hour in range(24)], 7)
    hours = np.arange(24 * 28) * HOUR
    # From six in the morning to the noon after, twice; and from eight to four at night.
    kept = np.delete(hours, np.r_[30:60, 200:220, 390:420])
    assert arrivals.repeated_silence(kept, open_at) == 240
    assert arrivals.repeated_silence(kept[kept < 300 * HOUR], open_at) == 150
    assert arrivals.repeated_silence(hours[:3], open_at) == 0
    assert arrivals.repeated_silence(hours[:1], open_at) == 0


def test_what_comes_now_is_told_by_four_weeks_or_by_many_silences() -> None:
    each_day = np.arange(100) * 24 * HOUR
    assert arrivals.level_hours(each_day) == arrivals.LEVEL_HOURS
    # A silence that came once is no rule.
    assert arrivals.level_hours(np.append(each_day, 400 * 24 * HOUR)) == arrivals.LEVEL_HOURS
    each_month = np.arange(20) * 720 * HOUR
    assert arrivals.level_hours(each_month) == 12 * 720
    assert arrivals.level_hours(each_day[:1]) == arrivals.LEVEL_HOURS


def test_a_holiday_has_its_own_share_of_an_ordinary_days_rows() -> None:
    first = np.datetime64("2022-01-01").astype(int) * 24
    hours = first + np.arange(730 * 24)
    free = HolidayRates("US", 2.0, 2.0).of_hours(hours) == 2
    came = np.where(free, 1, 4)
    moments = np.repeat(hours, came) * HOUR
    per_hour = np.array(arrivals.rows_per_hour(moments, "US"))
    assert per_hour.tolist() == [4.0] * 168
    assert min(arrivals.rows_per_hour(moments)) < 4
    rates = arrivals.holiday_rates(moments, per_hour, "US")
    # Of holidays at a weekend there are five.
    assert rates == ("US", pytest.approx(0.25), None)
    new_year = np.datetime64("2024-01-01").astype(int) * 86_400.0
    due = arrivals.expected_rows(per_hour, new_year, new_year + 48 * HOUR, rates)
    assert due.tolist() == [1.0] * 24 + [4.0] * 24
    unknown = rates._replace(at_work=None)
    due = arrivals.expected_rows(per_hour, new_year, new_year + 48 * HOUR, unknown)
    assert np.isnan(due).tolist() == [True] * 24 + [False] * 24
    assert arrivals.only_known(np.ones(48), due)[0].sum() == 24
