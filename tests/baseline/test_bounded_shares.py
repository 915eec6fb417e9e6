"""Bounded shares: small ones are as they are, and none may vary beyond the most it can be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.baseline.bounded_shares import FARTHEST, most_of, shrink, stretch

SHARES = st.floats(0, 0.98)


@given(SHARES, st.sampled_from([0.5, 1.0, np.inf]))
def test_what_was_stretched_shrinks_to_what_it_was(share: float, most: float) -> None:
    share *= min(most, 1)
    assert shrink(stretch(share, most), most) == pytest.approx(share)
    assert stretch(share, most) >= share - 1e-9


@given(SHARES, st.floats(1, 100))
def test_no_share_may_be_more_than_the_most_and_the_most_is_beyond_all_others(
    share: float, times: float
) -> None:
    limit = float(shrink(times * stretch(share, 1.0), 1.0))
    assert share <= limit + 1e-9
    assert limit <= 1
    assert limit < 1 or times * stretch(share, 1.0) >= FARTHEST


def test_small_shares_are_as_they_are_and_numbers_without_an_end_too() -> None:
    assert stretch(0.01, 1.0) == pytest.approx(0.01, rel=0.01)
    assert float(stretch(26.0, np.inf)) == float(shrink(26.0, np.inf)) == 26.0


def test_what_is_not_known_stays_so() -> None:
    assert np.isnan(stretch(np.array([np.nan, 0.2]), 1.0)).tolist() == [True, False]


def test_ranks_of_numbers_are_a_half_apart_at_most() -> None:
    assert most_of("distance of numbers") == 0.5
    assert most_of("distance of categories") == most_of("missing of numbers") == 1
    assert most_of("linear dependence of numbers") == most_of("volume") == np.inf
