"""How much rows count when a model learns from them."""

import numpy as np
import pytest

from shared.errors import Refusal
from shared.policies.training_weights import inverse_propensity


def test_items_count_as_if_all_had_been_shown_alike() -> None:
    random, chances = np.random.default_rng(1), np.array([0.7, 0.2, 0.1])
    item = random.choice(3, size=30_000, p=chances)
    weights = inverse_propensity(chances[item], clip=100)
    assert weights.mean() == pytest.approx(1)
    assert np.bincount(item, weights) / len(item) == pytest.approx([1 / 3] * 3, abs=0.01)


def test_no_weight_is_larger_than_so_many_times_the_mean() -> None:
    propensity = np.array([0.9] * 98 + [0.001] * 2)
    mean = (1 / propensity).mean()
    clipped = np.minimum(1 / propensity / mean, 5)
    assert inverse_propensity(propensity, 5) == pytest.approx(clipped / clipped.mean())


def test_a_row_without_a_propensity_weighs_as_the_mean() -> None:
    weights = inverse_propensity(np.array([0.5, 0.25, np.nan]), clip=10)
    assert weights == pytest.approx([2 / 3, 4 / 3, 1])


@pytest.mark.parametrize("chance", [0.0, -0.1, 1.5])
def test_what_is_no_chance_is_refused(chance: float) -> None:
    with pytest.raises(Refusal, match=f"a propensity of {chance:g}: what was shown had a chance"):
        inverse_propensity(np.array([0.5, chance]), 10)


def test_rows_without_any_propensity_are_refused() -> None:
    with pytest.raises(Refusal, match="no row has a propensity; learn from rows that were served"):
        inverse_propensity(np.array([np.nan, np.nan]), 10)
