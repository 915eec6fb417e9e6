"""Residuals in bins say what the residuals themselves do."""

import numpy as np
import pytest

from shared.tasks.answer_plan import AnswerPlan
from shared.tasks.regression.residuals import COUNTED, PAIRED, RESIDUALS, STEP, Residuals

PLAN = AnswerPlan(kind="regression", edges=(10.0,), centres=(5.0, 15.0), deviations=(1.0, 2.0))
BINS = Residuals(PLAN.model_copy(update={"scale": 3.0}))


def test_the_middle_of_a_residuals_bin_is_near_it_however_large_it_is() -> None:
    residual = np.array([-2_000.0, -30, -0.5, 0.5, 30, 2_000])
    places = BINS.places(residual + 7, np.full(6, 7.0), RESIDUALS + 1)
    middles = BINS.values()[places - 1]
    assert (np.abs(middles - residual) <= STEP * np.hypot(residual, 3)).all()


def test_a_row_has_the_place_of_its_prediction_and_the_first_of_these_without_outcome() -> None:
    outcome, prediction = np.array([np.nan, np.nan]), np.array([9.9, 10.0])
    assert BINS.places(outcome, prediction, PAIRED).tolist() == [0, PAIRED]


def test_what_is_too_far_off_is_in_the_last_bin_on_its_side() -> None:
    places = BINS.places(np.array([-1e9, 1e9]), np.zeros(2), RESIDUALS + 1)
    assert places.tolist() == [1, RESIDUALS]


def test_a_pair_is_read_back_with_its_side_of_the_interval() -> None:
    place = 1 + np.array([0, 1, 2]) * RESIDUALS + 7
    measured = BINS.of_pairs(PAIRED + place)
    assert measured[:, :3].tolist() == [[7, 15, 4]] * 3
    assert measured[:, 3] == pytest.approx([1, 0, np.nan], nan_ok=True)


def test_metrics_by_bins_are_those_of_the_rows() -> None:
    rng = np.random.default_rng(0)
    prediction = np.where(
        rng.random(20_000) < 0.5, rng.normal(5, 1, 20_000), rng.normal(15, 2, 20_000)
    )
    outcome = prediction + rng.normal(0.5, 3, 20_000)
    paired = BINS.of_pairs(BINS.places(outcome, prediction, PAIRED))
    found = BINS.measure(outcome, paired, np.ones((1, 20_000)), paired)
    residual = outcome - prediction
    expected = {
        "mae": np.abs(residual).mean(),
        "rmse": np.sqrt((residual**2).mean()),
        "median_absolute_error": np.median(np.abs(residual)),
        "r2": 1 - (residual**2).mean() / outcome.var(),
        "correlation": np.corrcoef(outcome, prediction)[0, 1],
        "mean_error": abs(residual.mean()),
    }
    assert tuple(found) == COUNTED
    for name, value in expected.items():
        assert found[name][0] == pytest.approx(value, rel=0.02), name


def test_of_no_row_nothing_is_known() -> None:
    none = BINS.measure(np.empty(0), np.empty((0, 4)), np.ones((2, 0)), np.empty((0, 4)))
    assert tuple(none) == COUNTED
    assert all(np.isnan(values).all() and len(values) == 2 for values in none.values())
