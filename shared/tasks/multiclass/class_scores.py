"""Scores of answers of several classes by their counts: what they are, and what to expect."""

from collections.abc import Callable, Collection

import numpy as np

from shared.kinds import METRICS, Metric
from shared.tasks import metrics
from shared.tasks.binary import binary_metrics
from shared.tasks.binary.binary_diagnostics import calibrated
from shared.tasks.metrics import NORMAL_95, Score, Weights
from shared.tasks.multiclass import multiclass_metrics
from shared.tasks.multiclass.class_places import (
    BINS,
    CONFIDENCE_BINS,
    MOST_BRIER,
    MOST_LOSS,
    OTHER,
    OWN,
    Sections,
    odds_middles,
    root_middles,
)
from shared.tasks.multiclass.multiclass_diagnostics import MulticlassDiagnostics

Scores = dict[Metric, Score]
OF_DECISIONS = {"accuracy", "balanced_accuracy", "macro_f1", "weighted_f1"}
OF_CONFIDENCE = {"top_2_accuracy", "calibration_error"}
ByPlace = Callable[[np.ndarray, Weights], dict[Metric, np.ndarray]]
"""Gives metrics of places, shape (places,), by weightings of them, shape (resamples, places)."""


def scores(sections: Sections, seed: int, only: Collection[Metric] = ()) -> Scores:
    """Score the rows whose outcome is known, by all metrics, or by at least those of `only`."""
    own, other = sections.chances[:, OWN], sections.chances[:, OTHER]
    losses, squares = sections.losses, sections.brier
    confidence = sections.confidence[:, :-1].sum(axis=0)
    parts: list[tuple[set[Metric], Callable[[], Scores]]] = [
        ({"log_loss"}, lambda: _mean("log_loss", root_middles(MOST_LOSS), losses, seed)),
        (OF_DECISIONS, lambda: _of_decisions(sections.decisions[:-1], seed)),
        ({"macro_roc_auc"}, lambda: _roc_aucs(own, other, seed)),
        ({"brier"}, lambda: _mean("brier", root_middles(MOST_BRIER), squares, seed)),
        (OF_CONFIDENCE, lambda: _of_confidence(confidence, seed)),
    ]
    found: Scores = {}
    for names, score in parts:
        if not only or names & {*only}:
            found |= score()
    return {name: found[name] for name in METRICS["multiclass"] if name in found}


def expected_scores(sections: Sections, diagnostics: MulticlassDiagnostics, seed: int) -> Scores:
    """Return the scores to expect of all rows, by the holdout's calibration."""
    chances = sections.chances.sum(axis=1)
    middles = odds_middles(BINS)
    true = np.stack([calibrated(middles, one.calibration) for one in diagnostics.classes])
    own, other = chances * true, chances * (1 - true)
    # One row is one outcome, which the calibration of each class by itself does not know.
    share = sections.decisions.sum() / max(own.sum(), 1)
    answered = sections.confidence.sum(axis=1)
    right = answered * calibrated(odds_middles(CONFIDENCE_BINS), diagnostics.confidence)
    confidence = np.zeros((4, CONFIDENCE_BINS))
    confidence[0], confidence[2] = (answered - right).sum(axis=0), right.sum(axis=0)
    calibration = _of_confidence(confidence, seed)["calibration_error"]
    squares = np.stack([(1 - middles) ** 2, middles**2]) * len(own)
    return {
        **_mean("log_loss", _surprises(len(own)), own, seed),
        **_of_expected_classes(right.sum(axis=1), answered.sum(axis=1), share * own.sum(1), seed),
        **_roc_aucs(own, other, seed),
        **_mean("brier", np.tile(squares, (len(own), 1, 1)), np.stack([own, other], 1), seed),
        "calibration_error": calibration,
    }


def _surprises(classes: int) -> np.ndarray:
    return np.tile(multiclass_metrics.surprise(odds_middles(BINS)), (classes, 1))


def _scored(measure: ByPlace, held: np.ndarray, seed: int) -> Scores:
    """Score flat places by what is measured of their numbers."""
    places = np.arange(held.size)
    return metrics.score_counts(
        lambda at, _, weights, __: measure(at, weights), places, places, held.ravel(), seed
    )


def _mean(name: Metric, values: np.ndarray, held: np.ndarray, seed: int) -> Scores:
    """Score the mean of values over places, of which so many are held."""
    flat = values.ravel()

    def measure(at: np.ndarray, weights: Weights) -> dict[Metric, np.ndarray]:
        if not len(at):
            return {name: np.full(len(weights), np.nan)}
        return {name: (weights * flat[at]).sum(axis=1) / weights.sum(axis=1)}

    return _scored(measure, held, seed)


def _of_decisions(decisions: np.ndarray, seed: int) -> Scores:
    def measure(at: np.ndarray, weights: Weights) -> dict[Metric, np.ndarray]:
        confusion = np.zeros((len(weights), decisions.size))
        confusion[:, at] = weights
        return multiclass_metrics.of_confusions(confusion.reshape(-1, *decisions.shape))

    return _scored(measure, decisions, seed)


def _of_expected_classes(
    right: np.ndarray, answered: np.ndarray, actual: np.ndarray, seed: int
) -> Scores:
    held = np.stack([np.minimum(right, answered), np.maximum(answered - right, 0)])

    def measure(at: np.ndarray, weights: Weights) -> dict[Metric, np.ndarray]:
        made = np.zeros((len(weights), held.size))
        made[:, at] = weights
        made = made.reshape(-1, *held.shape)
        # No class has more right answers than rows.
        true, most = made[:, 0], np.maximum(actual, made[:, 0])
        return multiclass_metrics.of_classes(true, most, made.sum(axis=1), made.sum(axis=(1, 2)))

    return _scored(measure, held, seed)


def _of_confidence(confidence: np.ndarray, seed: int) -> Scores:
    """Score top-2 accuracy and calibration; shape (4, bins), by right and top-2."""
    chance, held = odds_middles(CONFIDENCE_BINS), confidence.sum(axis=0).astype("float64")

    def measure(at: np.ndarray, weights: Weights) -> dict[Metric, np.ndarray]:
        made = np.zeros((len(weights), confidence.size))
        made[:, at] = weights
        made = made.reshape(-1, *confidence.shape)
        rows, right, top = made.sum(axis=1), made[:, 2:].sum(axis=1), made[:, 1::2].sum(axis=(1, 2))
        with np.errstate(invalid="ignore"):
            return {
                "top_2_accuracy": top / rows.sum(axis=1),
                "calibration_error": binary_metrics.calibration_error(
                    rows * chance - right, rows, held
                ),
            }

    return _scored(measure, confidence, seed)


def _roc_aucs(own: np.ndarray, other: np.ndarray, seed: int) -> Scores:
    """Return the averages over the classes that have rows; shapes (classes, bins).

    Their errors take the classes for independent.
    """
    there = (own.sum(axis=1) > 0) & (other.sum(axis=1) > 0)
    pairs, rows = np.stack([own[there], other[there]], axis=1), own[there].sum(axis=1)
    each = [_scored(_roc_auc, held, seed)["roc_auc"] for held in pairs]
    if not each:
        return {f"{name}_roc_auc": Score(np.nan, np.nan, np.nan) for name in ("macro", "weighted")}
    values, errors = np.array([(one.value, one.error) for one in each]).T
    equal = np.full(len(each), 1 / len(each))
    return {
        "macro_roc_auc": _averaged(values, errors, equal),
        "weighted_roc_auc": _averaged(values, errors, rows / rows.sum()),
    }


def _averaged(values: np.ndarray, errors: np.ndarray, weights: np.ndarray) -> Score:
    mean = float((values * weights).sum())
    reach = NORMAL_95 * float(np.sqrt(np.sum((errors * weights) ** 2)))
    return Score(mean, mean - reach, min(mean + reach, 1.0))


def _roc_auc(at: np.ndarray, weights: Weights) -> dict[Metric, np.ndarray]:
    made = np.zeros((len(weights), 2 * BINS))
    made[:, at] = weights
    return {"roc_auc": binary_metrics.roc_auc(made[:, :BINS], made[:, BINS:])}
