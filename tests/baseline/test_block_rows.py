"""The rows of blocks: values that are new, and when rows came."""

import numpy as np
import pandas as pd

from shared.baseline import arrivals
from shared.baseline.block_rows import BlockRows
from shared.baseline.history import history_in_cells
from shared.baseline.statistics import Statistic
from shared.schema import arrow
from tests.profiles.sales import CONTRACT, MONTH, sales

DAY = 24


def block_rows(frame: pd.DataFrame) -> BlockRows:
    return BlockRows(history_in_cells(arrow.table(frame), CONTRACT), first=0)


def test_a_level_is_that_of_the_last_four_weeks() -> None:
    rows = sales(40_000)
    last = rows["at"].max() - rows["at"]
    weeks = rows["at"] + (last > pd.Timedelta(days=15)) * -pd.Timedelta(days=60)
    some = block_rows(rows.assign(at=weeks).sort_values("at"))
    assert arrivals.LEVEL_HOURS == 28 * DAY
    # Rows of 30 days in 90, the latter half of them within the last 15.
    assert 1.3 < some.level() < 1.8
    assert abs(block_rows(rows).level() - 1) < 0.05


def test_numbers_that_rise_are_beyond_all_that_came_before_a_block() -> None:
    rising = block_rows(sales(6_000).assign(luck=np.arange(6_000.0)))
    begins = np.arange(10 * DAY, int(MONTH) - DAY, DAY)
    beyond = rising.measure(begins, DAY, begins)[Statistic("range", "luck")]
    assert np.nanmin(beyond) > 0.9
