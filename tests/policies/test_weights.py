"""Importance weights: ratios of chances, alone or down a slate."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Refusal
from shared.policies.weights import position_weights, slate_weights


@given(
    slates=st.lists(st.lists(st.floats(0, 5), min_size=1, max_size=5), max_size=6), data=st.data()
)
def test_weights_multiply_down_each_slate_however_rows_are_ordered(
    slates: list[list[float]], data: st.DataObject
) -> None:
    rows = [
        (slate, position + 1, weight, np.prod(weights[: position + 1]), np.prod(weights[:position]))
        for slate, weights in enumerate(slates)
        for position, weight in enumerate(weights)
    ]
    rows = data.draw(st.permutations(rows))
    slate, position, weight, product, above = np.array(rows).reshape(-1, 5).T
    found = slate_weights(weight, slate.astype(int), position.astype(int))
    assert found[0] == pytest.approx(product)
    assert found[1] == pytest.approx(above)


def test_a_slate_with_a_row_missing_is_refused() -> None:
    with pytest.raises(Refusal, match=r"^a slate lacks the row of its position 2 or has one twice"):
        slate_weights(np.ones(2), np.zeros(2, int), np.array([1, 3]))


def test_chances_that_are_none_are_refused() -> None:
    half, words = np.array([0.5, 0.5]), "is a chance from 0 to 1: row"
    with pytest.raises(Refusal, match=rf"^each propensity {words} 1 has 1.5$"):
        position_weights(half, np.array([0.5, 1.5]))
    with pytest.raises(Refusal, match=rf"^each target {words} 0 has nan$"):
        position_weights(np.array([np.nan, 0]), half)
    with pytest.raises(Refusal, match=r"^row 1 has a propensity of 0: what was shown had a chance"):
        position_weights(half, np.array([0.5, 0]))
