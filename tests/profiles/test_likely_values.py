"""Values that a number is likely to have had: those between its rare ones, and no others."""

import numpy as np
import pytest

from shared.profiles.likely_values import likely_values

MOST = 2_000


def of(values: list[float], rows: list[int]) -> list[float]:
    found = likely_values(np.array(values, "float32"), np.array(rows), MOST)
    return [float(f"{value:.6g}") for value in found]


def test_tenths_between_rare_ones_are_likely() -> None:
    cold, usual = [0.1, 0.3, 0.4, 0.8], [round(1 + n / 10, 1) for n in range(30)]
    rows = [1, 1, 2, 1, *([50] * 30)]
    every = [round(0.1 + n / 10, 1) for n in range(39)]
    # Those next to frequent ones would have come.
    assert of([*cold, *usual], rows) == [one for one in every if one not in (0.6, 0.7, 0.9)]


def test_what_never_came_among_frequent_values_is_not() -> None:
    assert of([5, 10, 20, 50], [500, 400, 300, 200]) == [5, 10, 20, 50]
    assert of([1, 2, 3, 5], [90, 80, 70, 60]) == [1, 2, 3, 5]


@pytest.mark.parametrize("values", [[], [3.0], [0.0, 1.0], [0.31, 1.7, 2.234, 9.1]])
def test_few_values_and_those_of_no_step_stay_as_they_are(values: list[float]) -> None:
    assert of(values, [1] * len(values)) == [float(f"{value:.6g}") for value in values]


def test_too_many_places_are_not_filled() -> None:
    assert of([0.0, 0.01, 400.0], [1, 1, 1]) == [0.0, 0.01, 400.0]


def test_a_value_that_is_likely_is_the_one_that_comes() -> None:
    rng = np.random.default_rng(0)
    came = np.round(rng.normal(20, 8, 3_000), 1).astype("float32")
    known = likely_values(*np.unique(came, return_counts=True), MOST)
    later = np.round(rng.normal(20, 8, 3_000), 1).astype("float32")
    within = later[(later > known[0]) & (later < known[-1])]
    assert np.isin(within, known).all()
    assert not np.isin(within + np.float32(0.05), known).any()
