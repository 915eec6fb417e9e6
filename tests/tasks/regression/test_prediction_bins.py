"""Bins of predictions are filled evenly, and residuals are measured in a scale of their own."""

import numpy as np
import pyarrow as pa
import pytest

from shared.tasks.regression.prediction_bins import INNER_BINS, TAIL, numbers, plan_answers

NORMAL = np.random.default_rng(0).normal(50, 9, 20_000)


def test_bins_are_filled_evenly_but_for_two_tails() -> None:
    plan = plan_answers(pa.table({"prediction": NORMAL, "y": NORMAL + 2}), "y", 0.9)
    filled = np.bincount(np.searchsorted(plan.edges, NORMAL, side="right")) / len(NORMAL)
    assert len(filled) == INNER_BINS + 2
    assert filled[[0, -1]] == pytest.approx(TAIL, abs=1e-3)
    # The first and the last of the others lie beside a tail.
    assert filled[2:-2] == pytest.approx(1 / INNER_BINS, abs=1e-3)
    assert (plan.scale, plan.coverage) == (pytest.approx(2), 0.9)


def test_each_bin_has_the_mean_and_the_deviation_of_its_predictions() -> None:
    plan = plan_answers(pa.table({"prediction": NORMAL, "y": NORMAL}), "y", None)
    bins = np.searchsorted(plan.edges, NORMAL, side="right")
    assert plan.centres[3] == pytest.approx(NORMAL[bins == 3].mean())
    assert plan.deviations[3] == pytest.approx(NORMAL[bins == 3].std())


def test_without_residuals_the_scale_is_that_of_predictions_or_one() -> None:
    assert plan_answers(pa.table({"prediction": NORMAL}), "y", None).scale == pytest.approx(
        NORMAL.std()
    )
    constant = plan_answers(pa.table({"prediction": [3.0, 3.0], "y": [3.0, None]}), "y", None)
    assert (constant.edges, constant.centres, constant.scale) == ((3.0,), (3.0, 3.0), 1.0)


def test_a_history_without_predictions_has_one_bin() -> None:
    assert plan_answers(pa.table({"y": [1.0]}), "y", None).edges == ()
    assert np.isnan(numbers(pa.table({"y": [1.0]}), "prediction")).all()
