"""Strays: few rows beyond a gap at either end, and never a season after a pause."""

import numpy as np
import pytest

from shared.monitoring.windows.strays import Strays, count_strays

HOUR = 3_600.0
WEEK = 168 * HOUR
STEADY = [hour * HOUR for hour in range(168)]
NOW = 10 * WEEK


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ([], [], Strays()),
        ([], [9e9], Strays(after=1)),
        ([-4e9], [], Strays(before=1)),
        ([-9e9, -4e9], [9e9], Strays(before=2, after=1)),
        ([], [WEEK * 3, WEEK * 6], Strays(after=2)),
        ([], [WEEK + 100 * HOUR], Strays()),
    ],
)
def test_few_rows_beyond_a_gap_are_strays(
    before: list[float], after: list[float], found: Strays
) -> None:
    times = np.array([*before, *STEADY, *after], dtype="float64")
    assert count_strays(times, np.ones(len(times)), WEEK, NOW) == found


def test_as_many_rows_after_a_pause_are_none() -> None:
    times = np.array([*STEADY, *((1_000 + at) * HOUR for at in range(30))], dtype="float64")
    assert count_strays(times, np.ones(len(times)), WEEK, NOW) == Strays()
    monthly = np.arange(12) * 720 * HOUR
    assert count_strays(monthly, np.full(12, 50), WEEK, NOW) == Strays()


def test_two_rows_far_apart_are_both_as_good() -> None:
    assert count_strays(np.array([0.0, 9e9]), np.ones(2), WEEK, NOW) == Strays()
    assert count_strays(np.zeros(0), np.zeros(0), WEEK, NOW) == Strays()


def test_after_now_a_day_is_far() -> None:
    times = np.array([*STEADY, STEADY[-1] + 30 * HOUR])
    for now, after in ((STEADY[-1], 1), (NOW, 0)):
        assert count_strays(times, np.ones(len(times)), WEEK, now) == Strays(after=after)
