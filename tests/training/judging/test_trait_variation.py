"""How a trait varies from span to span, and by how much more the longer ago a history ended."""

import numpy as np
import pandas as pd
import pytest

from shared.model.evaluation import TraitVariation
from shared.tasks.task import Trait
from shared.training.judging import trait_variation

WEEK, SPANS = 168.0, 40
ENDS = np.array([(at * WEEK, (at + 1) * WEEK) for at in range(SPANS)])


def varied(values: np.ndarray, error: float = 0.05) -> TraitVariation:
    found = trait_variation.vary([Trait(value, error) for value in values], ENDS)
    assert found is not None
    return found


def grown(found: TraitVariation) -> float:
    """Return by how much the square grew at the longest gap that was tried, in spreads."""
    return (found.wander * found.gap + found.trend * found.gap**2) / found.spread**2


def test_a_trait_that_returns_to_its_mean_hardly_grows_with_the_gap() -> None:
    found = [
        varied(1 + np.random.default_rng(seed).normal(0, np.hypot(0.1, 0.05), SPANS))
        for seed in range(40)
    ]
    assert np.median([one.spread for one in found]) == pytest.approx(0.1, abs=0.02)
    assert np.median([grown(one) for one in found]) < 0.3
    assert found[0].blocks == SPANS


def test_one_that_wanders_or_follows_a_trend_grows_as_it_did() -> None:
    steps = np.random.default_rng(0).normal(0, 0.1, (400, SPANS)).cumsum(axis=1)
    assert np.median([grown(found) for found in map(varied, steps)]) > 1
    trend = varied(0.05 * np.arange(SPANS), 0.01)
    assert 1 < grown(trend) < 12


def test_gaps_are_tried_from_the_fewest_spans_to_the_last() -> None:
    assert varied(np.ones(SPANS)).gap == (SPANS - 1 - trait_variation.FEWEST_SPANS) * WEEK
    few = trait_variation.vary([Trait(1.0, 0.1)] * 4, ENDS[:4])
    assert few is not None
    assert (few.gap, few.wander, few.trend) == (0, 0, 0)


def test_spans_without_a_trait_are_left_out_and_too_few_tell_nothing() -> None:
    strange = [Trait(np.nan, np.nan)] * 5
    some = trait_variation.vary([*strange, *[Trait(1.0, 0.1)] * 35], ENDS)
    assert some is not None
    assert (some.mean, some.spread, some.blocks) == (1, 0, 35)
    assert some.error == pytest.approx(0.1)
    assert trait_variation.vary([*strange, *[Trait(1.0, 0.1)] * 3], ENDS[:8]) is None
    assert trait_variation.vary([], np.zeros((0, 2))) is None


def test_the_ends_of_blocks_are_hours_since_1970() -> None:
    moments = pd.Series(pd.date_range("1970-01-02", periods=6, freq="h", tz="UTC"))
    blocks = [np.arange(0, 3), np.arange(2, 6)]
    assert trait_variation.ends(blocks, moments).tolist() == [[24, 26], [26, 29]]
    assert trait_variation.ends([], moments).shape == (0, 2)
