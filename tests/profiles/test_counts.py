"""Counts: they add up in any order, over parts and over spans; scores have bins of their own."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import special

from shared.profiles import counts
from shared.profiles.counts import SCORE_BINS
from shared.schema import arrow

COUNTED = arrays.arrays("int64", (12, 3), elements=st.integers(0, 2**40))


@given(COUNTED, COUNTED, COUNTED)
def test_it_does_not_matter_which_counts_are_added_first(
    one: np.ndarray, two: np.ndarray, three: np.ndarray
) -> None:
    parts = [{"bins x": part} for part in (one, two, three)]
    left = counts.add_counts(counts.add_counts(parts[0], parts[1]), parts[2])
    right = counts.add_counts(parts[0], counts.add_counts(parts[1], parts[2]))
    assert (left["bins x"] == right["bins x"]).all()


@given(COUNTED, st.integers(0, 12), st.integers(0, 12))
def test_a_span_of_running_sums_is_the_sum_of_its_groups(
    counted: np.ndarray, start: int, stop: int
) -> None:
    start, stop = min(start, stop), max(start, stop)
    sums = counts.running_sums({"bins x": counted})
    found = counts.counts_between(sums, np.array([start]), np.array([stop]))
    assert (found["bins x"][0] == counted[start:stop].sum(axis=0)).all()


@given(st.lists(st.floats(0, 1), min_size=2))
def test_bins_of_scores_keep_their_order(scores: list[float]) -> None:
    bins = counts.score_bin(np.sort(scores))
    assert (np.diff(bins) >= 0).all()
    assert 0 <= bins.min() <= bins.max() < SCORE_BINS


def test_the_middles_of_bins_are_evenly_apart_in_log_odds_and_within_their_bins() -> None:
    middles = counts.score_middles()
    np.testing.assert_allclose(np.diff(special.logit(middles)), 16 / SCORE_BINS)
    assert counts.score_bin(middles).tolist() == list(range(SCORE_BINS))


def test_answers_are_counted_by_outcome_and_score() -> None:
    table = arrow.table(
        pd.DataFrame({"probability": [0.5, 0.5, 0.5, None], "outcome": [None, 0.0, 1.0, 1.0]})
    )
    middle = SCORE_BINS // 2
    expected = [middle, SCORE_BINS + middle, 2 * SCORE_BINS + middle, -1]
    assert counts.answer_cells(table).tolist() == expected
    assert counts.answer_cells(table.drop(["outcome"])).tolist() == [middle] * 3 + [-1]
    assert counts.answer_cells(table.drop(["probability"])).tolist() == [-1] * 4
