"""Sampled contributions are near the exact ones, by the error that they state."""

import numpy as np
import pandas as pd
import pytest

from shared.reasons.sampled_row import FEWEST_PAIRS, PAIRS, SampledRows
from tests.reasons.brute_force import contributions, people

ROWS, _ = people(100)


def scored(rows: pd.DataFrame) -> np.ndarray:
    return (rows["age"] * rows["employed"]).to_numpy()[:, None]


def test_samples_are_near_every_order_and_a_feature_that_does_nothing_has_nothing() -> None:
    row = ROWS.iloc[[0]]
    base, amounts, errors, rows = SampledRows(ROWS, scored)(row, 0, 0, np.inf)
    _, exact = contributions(row, ROWS, scored, 0)
    assert rows == PAIRS
    assert (amounts[0], errors[0], amounts[2], errors[2]) == (0, 0, 0, 0)
    for at in (1, 3):
        assert errors[at] > 0
        assert amounts[at] == pytest.approx(exact[at], abs=5 * errors[at])
    assert base + amounts.sum() == pytest.approx(scored(row)[0, 0])


def test_it_ends_when_its_time_is_over_and_says_by_how_many_rows() -> None:
    row = ROWS.iloc[[0]]
    base, amounts, _, rows = SampledRows(ROWS.assign(more=0), scored)(row.assign(more=1), 0, 0, 0)
    assert FEWEST_PAIRS <= rows <= PAIRS
    assert base + amounts.sum() == pytest.approx(scored(row)[0, 0])
