"""Strays: few rows beyond a gap at either end, and never a season after a pause."""

import numpy as np
import pytest

from shared.monitoring.strays import Strays, count_strays

WEEK = 168.0
STEADY = [float(hour) for hour in range(168)]


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ([], [], Strays()),
        ([], [900_000], Strays(after=1)),
        ([-400_000], [], Strays(before=1)),
        ([-900_000, -400_000], [900_000], Strays(before=2, after=1)),
        ([], [WEEK * 3, WEEK * 6], Strays(after=2)),
        ([], [WEEK + 100], Strays()),
    ],
)
def test_few_rows_beyond_a_gap_are_strays(
    before: list[float], after: list[float], found: Strays
) -> None:
    times = np.array([*before, *STEADY, *after], dtype="float64")
    assert count_strays(times, np.ones(len(times)), WEEK) == found


def test_as_many_rows_after_a_pause_are_none() -> None:
    times = np.array([*STEADY, *(1_000 + at for at in range(30))], dtype="float64")
    assert count_strays(times, np.ones(len(times)), WEEK) == Strays()
    monthly = np.arange(12) * 720.0
    assert count_strays(monthly, np.full(12, 50), WEEK) == Strays()


def test_two_rows_far_apart_are_both_as_good() -> None:
    assert count_strays(np.array([0.0, 9_000.0]), np.ones(2), WEEK) == Strays()
    assert count_strays(np.zeros(0), np.zeros(0), WEEK) == Strays()
