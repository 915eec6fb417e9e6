"""Counts of binary answers: by outcome and by bins of the probability, which keep their order."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from shared.schema import arrow
from shared.tasks.binary.binary_counts import BINS, BinaryCounts, middles, probability_bin
from shared.tasks.binary.binary_task import Binary


@given(st.lists(st.floats(0, 1), min_size=2))
def test_bins_of_scores_keep_their_order(scores: list[float]) -> None:
    bins = probability_bin(np.sort(scores))
    assert (np.diff(bins) >= 0).all()
    assert 0 <= bins.min() <= bins.max() < BINS


def test_the_middles_of_bins_are_evenly_apart_in_log_odds_and_within_their_bins() -> None:
    chances = middles()
    np.testing.assert_allclose(np.diff(special.logit(chances)), 16 / BINS)
    assert probability_bin(chances).tolist() == list(range(BINS))


def test_answers_are_counted_by_outcome_and_score() -> None:
    table = arrow.table(
        pd.DataFrame({"probability": [0.5, 0.5, 0.5, None], "outcome": [None, 0.0, 1.0, 1.0]})
    )
    middle = BINS // 2
    expected = [middle, BINS + middle, 2 * BINS + middle, -1]
    assert BinaryCounts().places(table).tolist() == expected
    assert BinaryCounts().places(table.drop(["outcome"])).tolist() == [middle] * 3 + [-1]
    assert BinaryCounts().places(table.drop(["probability"])).tolist() == [-1] * 4


def test_counts_know_how_many_are_true_and_how_many_were_to_be_expected() -> None:
    rng = np.random.default_rng(0)
    chance = rng.uniform(0, 1, 2_000)
    frame = pd.DataFrame({"probability": chance, "outcome": (rng.random(2_000) < chance) * 1.0})
    places = BinaryCounts().places(arrow.table(frame))
    counts = np.bincount(places, minlength=3 * BINS).reshape(3, BINS)
    (found,) = BinaryCounts().shares(counts).values()
    (exact,) = Binary().shares(frame["outcome"].to_numpy(), chance).values()
    assert found.observed == exact.observed == frame["outcome"].sum()
    assert BinaryCounts().telling(counts) == min(found.observed, 2_000 - found.observed)
    assert found.expected == pytest.approx(exact.expected, rel=0.001)
