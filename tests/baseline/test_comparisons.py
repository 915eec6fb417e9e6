"""Comparisons: blocks beside the rest of a history, all before each, and what came by some time."""

import numpy as np
import pandas as pd

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
    found = comparer(sales(6_000)).compare(begins, DAY)
    gaps, (rest, before, *earlier) = found.gaps[LUCK], found.over[LUCK]
    assert not gaps[0].any()
    assert not np.isnan(rest).any()
    # What came before the first third of all rows is too little.
    assert np.isnan(before[:10]).all()
    assert not np.isnan(before[11:]).any()
    longest = gaps[2:].max(axis=1).tolist()
    assert longest == sorted(longest, reverse=True)
    for over, gap in zip(earlier, gaps[2:], strict=True):
        assert (np.isnan(over) == (gap == 0)).all()


def test_a_row_long_before_all_others_is_no_history_to_be_compared_with() -> None:
    rows = sales(6_000)
    at = rows["at"].where(rows.index > 0, rows["at"] - pd.Timedelta(days=90))
    some = comparer(rows.assign(at=at))
    begins = np.arange(2_170, 2_850, DAY)
    assert not some.compare(begins, DAY).gaps[LUCK].any()


def test_numbers_that_rise_are_beyond_what_came_before_each_block_and_by_some_time() -> None:
    rows = sales(6_000)
    rising = comparer(rows.assign(luck=np.arange(6_000.0)))
    begins = np.arange(0, int(MONTH) - DAY, DAY)
    earlier = rising.compare(begins, DAY).over[Statistic("range", "luck")][1:]
    assert len(earlier) == 4
    assert np.nanmin(earlier) > 0.9


def test_what_was_learnt_from_less_is_held_for_longer() -> None:
    begins = np.arange(0, int(MONTH) - DAY, DAY)
    gaps = comparer(sales(6_000)).compare(begins, DAY).gaps
    assert gaps[WARE][2].max() / gaps[LUCK][2].max() > 1.6
