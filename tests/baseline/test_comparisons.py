"""Comparisons: blocks beside the rest of a history, all before each, and what came by some time."""

import numpy as np
import pandas as pd

from shared.baseline import arrivals
from shared.baseline.comparisons import Comparer
from shared.baseline.history import history_in_cells
from shared.baseline.noise import sampling_noise
from shared.baseline.statistics import Statistic
from shared.schema import arrow
from tests.profiles.sales import CONTRACT, MONTH, sales

DAY = 24
LUCK, WARE = Statistic("distance", "luck"), Statistic("dependence", "ware")


def comparer(frame: pd.DataFrame) -> Comparer:
    history = history_in_cells(arrow.table(frame), CONTRACT)
    noise = sampling_noise(history.total, history.plan, 1e-4, history.residual_spread())
    return Comparer(history, noise)


def test_blocks_are_compared_with_ever_earlier_ends_of_history() -> None:
    begins = np.arange(0, int(MONTH) - DAY, DAY)
    rest, before, *earlier = comparer(sales(6_000)).compare(begins, DAY)
    assert not rest.gaps[LUCK].any()
    assert not np.isnan(rest.over[LUCK]).any()
    # What came before the first third of all rows is too little.
    assert np.isnan(before.over[LUCK][:10]).all()
    assert not np.isnan(before.over[LUCK][11:]).any()
    longest = [each.gaps[LUCK].max() for each in earlier]
    assert longest == sorted(longest, reverse=True)
    for each in earlier:
        assert (np.isnan(each.over[LUCK]) == (each.gaps[LUCK] == 0)).all()


def test_a_row_long_before_all_others_is_no_history_to_be_compared_with() -> None:
    rows = sales(6_000)
    at = rows["at"].where(rows.index > 0, rows["at"] - pd.Timedelta(days=90))
    some = comparer(rows.assign(at=at))
    begins = np.arange(2_170, 2_850, DAY)
    assert all(not each.gaps[LUCK].any() for each in some.compare(begins, DAY))


def test_what_was_learnt_from_less_is_held_for_longer() -> None:
    begins = np.arange(0, int(MONTH) - DAY, DAY)
    third = comparer(sales(6_000)).compare(begins, DAY)[2]
    assert third.gaps[WARE].max() / third.gaps[LUCK].max() > 1.6


def test_a_level_is_that_of_the_last_four_weeks() -> None:
    rows = sales(40_000)
    last = rows["at"].max() - rows["at"]
    weeks = rows["at"] + (last > pd.Timedelta(days=15)) * -pd.Timedelta(days=60)
    some = comparer(rows.assign(at=weeks).sort_values("at"))
    assert arrivals.LEVEL_HOURS == 28 * DAY
    # Rows of 30 days in 90, the latter half of them within the last 15.
    assert 1.3 < some.level() < 1.8
    assert abs(comparer(rows).level() - 1) < 0.05
