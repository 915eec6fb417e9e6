"""Counts: they add up in any order, over parts and over spans."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from shared.profiles import counts

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
