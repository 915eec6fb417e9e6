"""How many of the newest rows are held out: a fifth, or less where fewer prove a model."""

import numpy as np
import pyarrow as pa
import pytest

from shared.starting.guessing.lengths import guess_window, holdout_share
from shared.starting.looking.moments import DAY

YEARS = np.arange(20_000) * DAY / 20  # 20 rows a day, for 1,000 days


def outcomes(every: int) -> pa.ChunkedArray:
    return pa.chunked_array([[row % every == 0 for row in range(len(YEARS))]])


@pytest.mark.parametrize(
    ("window_days", "days"),
    # A hundred days have 2,000 rows.
    [(7, 100), (14, 112), (30, 200)],
)
def test_of_a_long_history_eight_windows_are_held_out_or_enough_rows(
    window_days: float, days: int
) -> None:
    found = holdout_share(YEARS, outcomes(2), "binary", window_days)
    assert found == pytest.approx(days / 1_000)


def test_of_many_rows_a_day_four_weeks_are_held_out() -> None:
    found = holdout_share(YEARS / 10, outcomes(2), "binary", 1)
    assert found == pytest.approx(0.2)
    days = np.arange(100_000) * DAY / 100
    truths = pa.chunked_array([[row % 2 == 0 for row in range(len(days))]])
    assert holdout_share(days, truths, "binary", 1) == pytest.approx(28 / 1_000)


def test_it_has_enough_rows_of_the_rarest_value_or_is_a_fifth() -> None:
    # Every fifteenth row is true: 200 of them are 3,000 rows, within one.
    assert holdout_share(YEARS, outcomes(15), "binary", 7) == pytest.approx(0.15, abs=0.001)
    assert holdout_share(YEARS, outcomes(1_000), "binary", 7) == 0.2
    amounts = pa.chunked_array([np.arange(len(YEARS)) / 2])
    assert holdout_share(YEARS, amounts, "regression", 7) == pytest.approx(0.1)


def test_of_a_short_history_a_fifth_is_held_out() -> None:
    assert holdout_share(YEARS[:1_500], outcomes(2)[:1_500], "binary", 7) == 0.2


@pytest.mark.parametrize(
    ("rows", "days", "apart", "window"),
    [
        (100_000, 365, 0, (7, 1_917)),
        (400_000, 365, 0, (1, 1_095)),
        (2_000, 365, 1, (30, 164)),
        (48, 1_461, 30.5, (182, 5)),
        (600, 2, 0, (0.25, 75)),
    ],
)
def test_it_has_four_hundred_rows_or_is_as_long_as_eight_of_them_can_be(
    rows: int, days: float, apart: float, window: tuple[float, int]
) -> None:
    assert guess_window(rows, days, apart) == window
