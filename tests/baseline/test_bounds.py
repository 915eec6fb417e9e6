"""Bounds: what the next number passes as seldom as was asked, and how gaps widen them."""

import numpy as np
import pytest

from shared.baseline.bounds import OVERLAP, growth_with_gap, prediction_bound

FLOOR = np.array([0.01])


def test_the_next_number_passes_its_bound_as_seldom_as_was_asked() -> None:
    rng, rate, passed = np.random.default_rng(0), 0.05, []
    for _ in range(4_000):
        found = np.exp(rng.normal(0, 0.2, 16))
        passed.append(np.exp(rng.normal(0, 0.2)) > prediction_bound(found, rate))
    # Those that overlap are worth fewer that do not: here they do not, and less often is passed.
    assert rate / OVERLAP / 2 < np.mean(passed) < rate


def test_a_bound_is_wider_for_fewer_and_for_a_lower_rate_and_never_below_one() -> None:
    many = np.exp(np.random.default_rng(0).normal(0, 0.2, 200))
    assert prediction_bound(many[:12], 0.01) > prediction_bound(many, 0.01)
    assert prediction_bound(many, 0.001) > prediction_bound(many, 0.01)
    assert prediction_bound(many / 10, 0.01) == 1


def of_gaps(squares: np.ndarray, gaps: np.ndarray) -> np.ndarray:
    shape = (1, 1, len(gaps))
    return growth_with_gap(np.sqrt(squares).reshape(shape), gaps.reshape(shape), FLOOR)[0]


def test_what_wanders_grows_with_each_hour_and_a_trend_with_each_squared() -> None:
    gaps = np.linspace(0, 100, 60)
    wander, trend = of_gaps(4 + 0.4 * gaps, gaps)
    assert (wander, trend) == (pytest.approx(0.1, rel=0.01), 0)
    wander, trend = of_gaps(4 + 0.04 * gaps**2, gaps)
    assert (wander, trend) == (0, pytest.approx(0.01, rel=0.01))


def test_what_returns_to_a_mean_grows_by_no_more_than_its_error() -> None:
    gaps, rng = np.linspace(0, 100, 60), np.random.default_rng(0)
    assert of_gaps(np.full(60, 4.0), gaps) == pytest.approx([0, 0], abs=1e-12)
    wander, trend = of_gaps(rng.gamma(4, 1, 60), gaps)
    assert wander * 100 + trend * 100**2 < 1


def test_without_gaps_nothing_grows() -> None:
    assert of_gaps(np.ones(9), np.zeros(9)).tolist() == [0, 0]


def test_blocks_that_were_not_compared_say_nothing() -> None:
    gaps = np.linspace(0, 100, 60)
    squares = 4 + 0.4 * gaps
    over, known = np.sqrt(squares).reshape(1, 1, -1), np.arange(60) % 3 > 0
    over[..., ~known] = np.nan
    found = growth_with_gap(over, gaps.reshape(1, 1, -1), FLOOR)
    assert found[0, 0] == pytest.approx(0.1, rel=0.01)
