"""Exposure: how unevenly items are shown, over all users and to each."""

import numpy as np
import pytest

from shared.policies import exposure


def test_gini_is_that_of_all_pairs_of_items() -> None:
    shown = np.array([5.0, 0.0, 1.0, 2.0])
    apart = np.abs(shown[:, None] - shown[None, :]).mean()
    assert exposure.gini(shown) == pytest.approx(apart / (2 * shown.mean()))
    assert exposure.gini(np.array([[3, 3, 3], [0, 0, 9]])) == pytest.approx([0, 2 / 3])


def test_half_of_what_is_shown_is_of_the_fewest_items() -> None:
    assert exposure.fewest_for_half(np.array([1, 5, 1, 3])) == 1
    assert exposure.fewest_for_half(np.array([2, 2, 2, 2])) == 2


def test_entropy_of_an_even_choice_is_its_number_of_items_whatever_the_rows() -> None:
    random = np.random.default_rng(5)
    for rows in (40, 400):
        many = [np.bincount(random.integers(8, size=rows), minlength=8) for _ in range(4_000)]
        same, pairs = exposure.same_pairs(np.array(many))
        assert pairs[0] == rows * (rows - 1) / 2
        assert exposure.pair_entropy(same.sum(), pairs.sum()) == pytest.approx(np.log(8), rel=0.01)


def test_entropy_is_not_known_of_rows_that_all_differ() -> None:
    assert np.isnan(exposure.pair_entropy(*exposure.same_pairs(np.array([1, 1, 1]))))
    assert np.isnan(exposure.pair_entropy(*exposure.same_pairs(np.array([1, 0]))))
