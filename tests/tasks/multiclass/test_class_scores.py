"""Scores by counts: right and certain answers have the best there are, and no rows have none."""

import numpy as np
import pytest

from shared.kinds import METRICS
from shared.tasks.multiclass import class_scores
from shared.tasks.multiclass.class_places import Layout

LAYOUT = Layout(3)


def scored(truth: np.ndarray, chances: np.ndarray) -> dict[str, float]:
    places = LAYOUT.places(truth, np.argmax(chances, axis=0), chances)
    counts = np.bincount(places[places >= 0], minlength=LAYOUT.starts[-1])
    found = class_scores.scores(LAYOUT.sections(counts), 0)
    assert tuple(found) == METRICS["multiclass"]
    return {name: score.value for name, score in found.items()}


def test_certain_and_right_answers_have_the_best_scores() -> None:
    truth = np.repeat([0, 1, 2], 50)
    found = scored(truth, (truth == np.arange(3)[:, None]).astype("float64"))
    best = dict.fromkeys(METRICS["multiclass"], 1.0)
    best |= {"log_loss": 0.0, "brier": 0.0, "calibration_error": 0.0}
    assert found == pytest.approx(best, abs=1e-3)


def test_answers_that_are_turned_round_have_the_worst() -> None:
    truth = np.repeat([0, 1, 2], 50)
    found = scored(truth, (truth == np.array([1, 2, 0])[:, None]).astype("float64"))
    assert (found["accuracy"], found["macro_f1"]) == (0, 0)
    assert found["macro_roc_auc"] == pytest.approx(0.25, abs=1e-3)
    assert found["brier"] == pytest.approx(2, abs=0.01)


def test_no_rows_have_no_scores() -> None:
    assert all(np.isnan(value) for value in scored(np.zeros(0, int), np.zeros((3, 0))).values())
