"""Thompson sampling's chances are the integrals that they stand for."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from shared.policies.thompson import PSEUDO_ROWS, thompson_propensities

SCORES = st.one_of(st.floats(0, 1), st.floats(0, 0.005), st.sampled_from([0.0, 0.03, 0.031, 1.0]))


@settings(max_examples=30)
@given(scores=st.lists(SCORES, min_size=2, max_size=6).map(np.array))
def test_the_chance_is_the_integral_over_the_largest_number(scores: np.ndarray) -> None:
    found = thompson_propensities(scores, np.arange(2))
    expected = [_integral(scores, 0), _integral(scores[1:], 0)]
    assert found == pytest.approx(expected, abs=1e-5)


def test_the_last_that_is_left_is_certain() -> None:
    assert thompson_propensities(np.array([0.0]), np.array([0])).tolist() == [1]
    assert thompson_propensities(np.array([0.0, 1.0]), np.array([1, 0]))[1] == 1


def _integral(scores: np.ndarray, place: int) -> float:
    """Return the chance that one number is the largest, over a much finer grid."""
    if len(scores) == 1:
        return 1
    angle = np.linspace(0, np.pi / 2, 10_001)
    rate = np.sin(angle) ** 2
    numbers = [stats.beta(2 + s * PSEUDO_ROWS, 2 + (1 - s) * PSEUDO_ROWS) for s in scores]
    density = numbers[place].pdf(rate) * np.sin(2 * angle)
    below = [number.cdf(rate) for at, number in enumerate(numbers) if at != place]
    return float(integrate.trapezoid(density * np.prod(below, axis=0), angle))
