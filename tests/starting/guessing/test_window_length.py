"""How long a window is: as short as has rows enough, and longer than moments are apart."""

import pytest

from shared.starting.guessing.window_length import guess_window


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
