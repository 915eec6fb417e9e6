"""What is shown of probabilities: calibration, confusion at a threshold, and curves."""

import numpy as np
import pytest
from sklearn.metrics import auc, roc_auc_score

from shared.tasks.binary import binary_diagnostics


@pytest.fixture(scope="module")
def answered() -> tuple[np.ndarray, np.ndarray]:
    """Return 5,000 outcomes and their probabilities, which are calibrated."""
    rng = np.random.default_rng(0)
    chance = rng.random(5_000)
    return (rng.random(5_000) < chance).astype("float64"), chance


def test_rows_are_counted_by_outcome_then_prediction_at_the_threshold(answered) -> None:
    target, chance = answered
    found = binary_diagnostics.diagnose(target, chance, 0.3)
    (true_negatives, false_positives), (false_negatives, true_positives) = found.confusion
    assert true_positives == ((chance >= 0.3) & (target == 1)).sum()
    assert false_positives == ((chance >= 0.3) & (target == 0)).sum()
    assert true_positives + false_negatives == found.positives == target.sum()
    assert true_negatives + false_positives == (target == 0).sum()


def test_curves_have_few_points_and_the_area_of_all_rows(answered) -> None:
    curves = binary_diagnostics.diagnose(*answered, 0.5).curves
    assert all(len(x) == len(y) <= binary_diagnostics.CURVE_POINTS for x, y in curves.values())
    assert auc(*curves["roc"]) == pytest.approx(roc_auc_score(*answered), abs=0.003)


def test_what_is_calibrated_is_near_the_diagonal(answered) -> None:
    bins = binary_diagnostics.diagnose(*answered, 0.5).calibration
    assert sum(one.rows for one in bins) == 5_000
    assert max(abs(one.predicted - one.observed) for one in bins) < 0.06


def test_the_picture_has_all_four(answered) -> None:
    drawn = binary_diagnostics.figure(binary_diagnostics.diagnose(*answered, 0.25))
    titles = [axes.get_title(loc="left") for axes in drawn.axes]
    assert titles == ["ROC", "Precision and recall", "Calibration", "At threshold 0.25"]
