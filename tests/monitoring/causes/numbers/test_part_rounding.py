"""Numbers that were rounded in a part of the rows are told from one value that was filled in."""

import numpy as np
import pandas as pd
import pytest

from shared.monitoring.causes.numbers.part_rounding import part_rounded

ONCE = pd.Series(np.random.default_rng(0).gamma(2, 3, 2_000).round(2))


def now(share: float, step: float = 1.0) -> pd.Series:
    rng = np.random.default_rng(1)
    values = pd.Series(rng.gamma(2, 3, 1_000).round(2))
    return values.mask(rng.random(1_000) < share, (values / step).round() * step)


@pytest.mark.parametrize(("share", "step"), [(0.5, 1.0), (0.2, 1.0), (0.3, 0.5), (0.4, 0.1)])
def test_the_step_and_the_share_of_the_rows_are_told(share: float, step: float) -> None:
    found = part_rounded(now(share, step), ONCE, 0.01)
    assert found is not None
    assert found[0] == step
    assert found[1] == pytest.approx(share, abs=0.06)


def test_values_as_they_were_and_one_that_was_filled_in_are_not_rounded() -> None:
    assert part_rounded(now(0.0), ONCE, 0.01) is None
    assert part_rounded(now(0.0).mask(np.arange(1_000) % 3 == 0, 7.0), ONCE, 0.01) is None
    assert part_rounded(now(0.0).mask(np.arange(1_000) % 3 == 0, 0.0), ONCE, 0.01) is None
    assert part_rounded(pd.Series([1.0, 2.0] * 50), ONCE, 0.01) is None


def test_what_was_always_written_so_is_no_news() -> None:
    mixed = now(0.5)
    assert part_rounded(now(0.5), mixed, 0.01) is None


def test_a_factor_that_makes_more_of_them_whole_is_no_rounding() -> None:
    """Ages of 80 become 100, and others 31.25, which no rounding leaves."""
    ages = pd.Series(np.random.default_rng(2).integers(18, 80, 3_000).astype("float64"))
    assert part_rounded(1.25 * ages, ages, 1.0) is None
    assert part_rounded(10 * ages, ages, 1.0) is not None
