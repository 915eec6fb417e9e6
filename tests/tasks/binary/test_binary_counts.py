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
from shared.tasks.metrics import Score


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


def test_one_true_outcome_says_little_of_the_order() -> None:
    counter, rng = BinaryCounts(), np.random.default_rng(0)
    chance = rng.uniform(0.01, 0.2, 800)
    outcome = np.where(np.arange(800) == chance.argmin(), 1.0, 0.0)
    counts = np.bincount(
        counter.pair_places(outcome, {"probability": chance}), minlength=3 * BINS
    ).reshape(3, BINS)
    scores, expected = counter.score(counts, 0), {"roc_auc": Score(0.7, 0.68, 0.72)}
    assert scores["roc_auc"].value < 0.01
    known = counter.expected_of(counts, scores, expected)["roc_auc"]
    assert known.value == 0.7
    assert np.hypot(known.error, scores["roc_auc"].error) == pytest.approx(0.294, abs=0.005)
    assert counter.expected_of(counts, {}, expected) == expected


def test_many_true_outcomes_say_what_their_resamples_do() -> None:
    counter, rng = BinaryCounts(), np.random.default_rng(0)
    chance = rng.uniform(0, 1, 4_000)
    outcome = (rng.random(4_000) < chance).astype("float64")
    counts = np.bincount(
        counter.pair_places(outcome, {"probability": chance}), minlength=3 * BINS
    ).reshape(3, BINS)
    scores = counter.score(counts, 0)
    known = counter.expected_of(counts, scores, scores)["roc_auc"]
    assert known.error == pytest.approx(scores["roc_auc"].error, rel=0.1)
