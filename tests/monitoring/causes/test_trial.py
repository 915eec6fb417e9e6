"""Trials: whether rows are normal again once a change of theirs was undone."""

import numpy as np
import pytest

from shared.baseline import learning
from shared.monitoring.causes import transformations
from shared.monitoring.causes.possible_changes import PossibleChanges
from shared.monitoring.causes.trial import Trial
from shared.monitoring.input_checks.detection import DriftDetector
from shared.schema import arrow
from tests.monitoring.causes.test_diagnosis import PATIENTS, patients


@pytest.mark.parametrize(("below", "swapped"), [(0, True), (4, False)])
def test_what_would_be_beyond_its_history_was_not_swapped(below: float, swapped: bool) -> None:
    history, window = patients(1_000, 1), patients(200, 2, first=2_000)
    for rows in (history, window):
        rows["marker"] += np.random.default_rng(len(rows)).uniform(0, 30, len(rows))
    learnt = DriftDetector(learning.learn(arrow.table(history), PATIENTS, 0.01))
    window["marker"], window["age"] = window["age"], window["marker"] - below
    trial = Trial(window, learnt, 400.0, "marker")
    (swap,) = (change for change in PossibleChanges(trial).changes() if len(change.columns) > 1)
    assert trial.is_normal(swap, np.ones(len(window), "bool")) == swapped


@pytest.mark.parametrize(("stuck", "normal"), [(0.0, True), (0.2, False)])
def test_that_one_value_stands_out_is_explained_by_no_change_of_all(
    stuck: float, normal: bool
) -> None:
    history, window = patients(1_000, 1), patients(200, 2, first=2_000)
    learnt = DriftDetector(learning.learn(arrow.table(history), PATIENTS, 0.01))
    held = np.arange(len(window)) % 10 < 10 * stuck
    window["marker"] = 1.001 * window["marker"].mask(held, window["marker"].median())
    trial = Trial(window, learnt, 400.0, "marker")
    change = transformations.multiplied("marker", 1.001, "", known=False)
    assert ("marker" in trial.beyond) == (not normal)
    assert trial.is_normal(change, np.ones(len(window), "bool")) == normal


def test_values_that_were_shuffled_are_not_made_other_ones_where_they_then_fit_better() -> None:
    history, window = patients(2_000, 1), patients(800, 2, first=2_000)
    for rows in (history, window):
        noise = np.random.default_rng(len(rows)).normal(0, 0.2, len(rows))
        rows["marker"] = np.exp(0.03 * (rows["age"] - 60) + noise)
    learnt = DriftDetector(learning.learn(arrow.table(history), PATIENTS, 0.01))
    rng, came = np.random.default_rng(0), window["marker"]
    longer = transformations.multiplied("marker", 1.609344, "", known=True)
    for values, spoils in (
        (rng.permutation(came.to_numpy()), True),
        (came.mask(rng.random(len(came)) < 0.3, came * 1.609344), False),
    ):
        trial = Trial(window.assign(marker=values), learnt, 400.0, "marker")
        better = trial._undone(longer) < trial._energies
        assert trial._spoils(longer, better) == spoils
