"""Metrics of several classes: as scikit-learn has them with weights; absent and unknown classes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as peers

from shared.kinds import METRICS
from shared.tasks.metrics import Weights
from shared.tasks.multiclass.multiclass_metrics import measure

CLASSES = 4
LABELS = list(range(CLASSES))
# One-vs-rest needs each class; the others take what is there.
PEERS = {
    "log_loss": lambda y, p, w: peers.log_loss(y, p, labels=LABELS, sample_weight=w),
    "accuracy": lambda y, p, w: peers.accuracy_score(y, p.argmax(1), sample_weight=w),
    "macro_f1": lambda y, p, w: peers.f1_score(
        y, p.argmax(1), average="macro", sample_weight=w, zero_division=0
    ),
    "weighted_f1": lambda y, p, w: peers.f1_score(
        y, p.argmax(1), average="weighted", sample_weight=w, zero_division=0
    ),
    "brier": lambda y, p, w: peers.brier_score_loss(
        y, p, labels=LABELS, sample_weight=w, scale_by_half=False
    ),
    "top_2_accuracy": lambda y, p, w: peers.top_k_accuracy_score(
        y, p, k=2, labels=LABELS, sample_weight=w
    ),
}
OF_EVERY_CLASS = {
    "macro_roc_auc": lambda y, p, w: peers.roc_auc_score(
        y, p, multi_class="ovr", average="macro", labels=LABELS, sample_weight=w
    ),
    "weighted_roc_auc": lambda y, p, w: peers.roc_auc_score(
        y, p, multi_class="ovr", average="weighted", labels=LABELS, sample_weight=w
    ),
    "balanced_accuracy": lambda y, p, w: peers.balanced_accuracy_score(
        y, p.argmax(1), sample_weight=w
    ),
}
# Quarters: their sums are exact, and there are ties.
QUARTERS = ([4, 0, 0, 0], [3, 1, 0, 0], [2, 2, 0, 0], [2, 1, 1, 0], [1, 1, 1, 1])
PARTS = st.sampled_from(QUARTERS).flatmap(st.permutations)
ROWS = st.lists(
    st.tuples(st.sampled_from(LABELS), PARTS, st.integers(1, 5)), min_size=1, max_size=30
)
EACH = [(label, [1] * CLASSES, 1) for label in LABELS]


def arrays(rows: list[tuple[int, list[int], int]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    target, parts, weight = zip(*rows, strict=True)
    chances = np.array(parts, dtype=float)
    return np.array(target), chances / chances.sum(axis=1, keepdims=True), np.array(weight, float)


def measured(
    target: np.ndarray, chances: np.ndarray, weights: Weights | None = None
) -> dict[str, float]:
    ones = np.ones((1, len(target))) if weights is None else weights
    found = measure(np.asarray(target, float), chances, ones, np.ones(len(target)), CLASSES)
    return {name: float(values[-1]) for name, values in found.items()}


@pytest.mark.parametrize("name", PEERS)
@given(rows=ROWS)
def test_each_metric_agrees_with_scikit_learn(
    name: str, rows: list[tuple[int, list[int], int]]
) -> None:
    target, chances, weight = arrays(rows)
    ones = np.ones(len(rows))
    found = measure(target, chances, np.stack([ones, weight]), ones, CLASSES)[name]
    assert found == pytest.approx([PEERS[name](target, chances, w) for w in (ones, weight)])


@pytest.mark.parametrize("name", OF_EVERY_CLASS)
@given(rows=ROWS)
def test_metrics_of_every_class_agree_with_scikit_learn_where_each_has_rows(
    name: str, rows: list[tuple[int, list[int], int]]
) -> None:
    target, chances, weight = arrays([*rows, *EACH])
    ones = np.ones(len(target))
    found = measure(target, chances, np.stack([ones, weight]), ones, CLASSES)[name]
    peer = OF_EVERY_CLASS[name]
    assert found == pytest.approx([peer(target, chances, w) for w in (ones, weight)])


@given(rows=ROWS)
def test_a_row_of_weight_three_is_three_rows(rows: list[tuple[int, list[int], int]]) -> None:
    target, chances, weight = arrays(rows)
    times = weight.astype(int)
    repeated = measured(np.repeat(target, times), np.repeat(chances, times, axis=0))
    for name, found in measured(target, chances, weight[None]).items():
        if name != "calibration_error":
            assert found == pytest.approx(repeated[name], nan_ok=True)


def test_every_metric_of_the_kind_is_measured() -> None:
    target, chances, _ = arrays(EACH)
    assert {*measured(target, chances)} == {*METRICS["multiclass"]}


def test_classes_without_rows_are_left_out_of_averages() -> None:
    chances = np.array([[0.6, 0.3, 0.1, 0], [0.2, 0.7, 0.1, 0], [0.5, 0.4, 0.1, 0]])
    found = measured(np.array([0, 1, 1]), chances)
    assert found["macro_roc_auc"] == found["weighted_roc_auc"] == 1.0
    assert found["balanced_accuracy"] == 0.75
    assert found["macro_f1"] == pytest.approx(2 / 3)


def test_a_class_that_was_only_answered_has_an_f1_of_zero() -> None:
    found = measured(np.array([0, 0]), np.array([[1.0, 0, 0, 0], [0, 1.0, 0, 0]]))
    assert found["macro_f1"] == pytest.approx((2 / 3 + 0) / 2)
    assert found["balanced_accuracy"] == 0.5
    assert np.isnan([found["macro_roc_auc"], found["weighted_roc_auc"]]).all()


def test_an_unknown_class_is_an_error_and_has_no_part_in_what_needs_its_probability() -> None:
    chances = np.array([[0.7, 0.3, 0, 0], [0.1, 0.9, 0, 0], [0.8, 0.2, 0, 0]])
    known, found = measured(np.array([0, 1]), chances[:2]), measured(np.array([0, 1, -1]), chances)
    assert found["accuracy"] == found["top_2_accuracy"] == pytest.approx(2 / 3)
    assert found["macro_f1"] == pytest.approx((2 / 3 + 1) / 2)
    for name in ("log_loss", "brier", "macro_roc_auc", "weighted_roc_auc", "balanced_accuracy"):
        assert found[name] == known[name]


def test_unknown_classes_alone_have_an_accuracy_of_zero_and_no_log_loss() -> None:
    found = measured(np.array([-1, -1]), np.full((2, CLASSES), 0.25))
    assert found["accuracy"] == 0
    assert np.isnan([found["log_loss"], found["brier"], found["macro_roc_auc"]]).all()


def test_no_rows_at_all_are_nan() -> None:
    assert np.isnan([*measured(np.empty(0), np.empty((0, CLASSES))).values()]).all()


def test_decisions_by_costs_stand_after_the_probabilities() -> None:
    target, chances = np.array([1] * 4), np.tile([0.6, 0.4, 0, 0], (4, 1))
    found = measured(target, np.column_stack([chances, [1, 1, 1, 0]]))
    by_chance = measured(target, chances)
    assert (found["accuracy"], by_chance["accuracy"]) == (0.75, 0)
    assert found["calibration_error"] == pytest.approx((3 * 0.6 + 0.6) / 4)
    for name in ("log_loss", "brier", "macro_roc_auc", "top_2_accuracy"):
        assert found[name] == pytest.approx(by_chance[name], nan_ok=True)


def test_the_calibration_error_is_of_the_answered_class() -> None:
    chances = np.tile([0.8, 0.2, 0.0, 0.0], (100, 1))
    found = measured(np.tile([0, 1], 50), chances)["calibration_error"]
    assert found == pytest.approx(0.3)
