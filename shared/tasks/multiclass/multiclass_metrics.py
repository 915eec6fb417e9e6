"""The metrics of a target of several classes, for many weightings of the same rows at once.

A class that the model does not know has the code -1. Answers to its rows are wrong for accuracy,
top-2 accuracy and the calibration error, and count against the precision of the class that was
answered; it has no recall or F1 of its own. Log loss, Brier score and ROC AUC are of the other
rows: they need the probability of the true class, which there is none of.

A class without rows has no recall and no order, and no F1 either unless it was answered: averages
over the classes are of those that have one, as scikit-learn's are.
"""

from collections.abc import Collection

import numpy as np

from shared.kinds import METRICS, Metric
from shared.tasks.binary import binary_metrics
from shared.tasks.metrics import WEIGHTS_IN_CACHE, Weights

TOP = 2
_ROC_AUCS = ("macro_roc_auc", "weighted_roc_auc")


def measure(
    target: np.ndarray,
    measured: np.ndarray,
    weights: Weights,
    held: np.ndarray,
    classes: int,
    names: Collection[Metric] = METRICS["multiclass"],
) -> dict[Metric, np.ndarray]:
    """Return each of the metrics by weighting: shape (resamples,), NaN where it is not defined.

    `target` are codes from 0, shape (places,); `measured` the probabilities, shape (places,
    classes), with the code of the class that is answered in one more column where that is not the
    most probable. A place is of as many rows as are `held` in it. The Brier score is the sum over
    classes, from 0 to 2.
    """
    if not len(target):
        return {name: np.full(len(weights), np.nan) for name in names}
    truth, chances = target.astype("int64"), np.ascontiguousarray(measured[:, :classes])
    # Of all resamples, a row's weights lie side by side: they are copied at once.
    by_resample, weights = np.ascontiguousarray(weights), np.asfortranarray(weights)
    answered, known = decided(measured, classes), truth >= 0
    confusion = confusions(truth, answered, weights, classes)
    rows, total = np.arange(len(truth)), weights.sum(axis=1)
    chance, right = chances[rows, answered], (truth == answered).astype("float64")
    ours, true_chances, weight = truth[known], chances[known], weights[:, known]
    own = true_chances[np.arange(len(ours)), ours]
    with np.errstate(invalid="ignore", divide="ignore"):
        found = {
            "log_loss": (weight * surprise(own)).sum(axis=1) / weight.sum(axis=1),
            **of_confusions(confusion),
            "brier": (weight * brier(own, true_chances)).sum(axis=1) / weight.sum(axis=1),
            "top_2_accuracy": (weights * in_top(truth, chances)).sum(axis=1) / total,
            "calibration_error": _calibration_error(right, chance, by_resample, held),
        }
        # They cost as much as all others do.
        if not {*names}.isdisjoint(_ROC_AUCS):
            found |= _roc_aucs(ours, true_chances, weight, classes)
        return {name: found[name] for name in names}


def decided(measured: np.ndarray, classes: int) -> np.ndarray:
    """Return the codes of the classes that are answered: shape (places,)."""
    if measured.shape[1] > classes:
        return measured[:, classes].astype("int64")
    return np.argmax(measured, axis=1)


def surprise(own: np.ndarray) -> np.ndarray:
    """Return each row's log loss by its true class's probability."""
    return -np.log(np.clip(own, np.finfo("float64").eps, 1.0))


def brier(own: np.ndarray, chances: np.ndarray) -> np.ndarray:
    """Return each row's sum over classes of squared errors, by its true class's probability."""
    return (chances**2).sum(axis=1) - own**2 + (1 - own) ** 2


def in_top(truth: np.ndarray, chances: np.ndarray) -> np.ndarray:
    """Tell whether fewer than two classes are before the true one; of equals the last is first."""
    own = chances[np.arange(len(truth)), truth][:, None]
    later = np.arange(chances.shape[1]) > truth[:, None]
    before = (chances > own) | ((chances == own) & later)
    return (truth >= 0) & (before.sum(axis=1) < TOP)


def confusions(
    truth: np.ndarray, answered: np.ndarray, weights: Weights, classes: int
) -> np.ndarray:
    """Return the weights by true and answered class: shape (resamples, classes + 1, classes).

    The last of the true ones is the unknown.
    """
    cells = np.where(truth < 0, classes, truth) * classes + answered
    summed = _sums_by_place(weights, np.arange(len(cells)), cells, (classes + 1) * classes)
    return summed.T.reshape(-1, classes + 1, classes)


def of_confusions(confusion: np.ndarray) -> dict[Metric, np.ndarray]:
    """Return accuracies and F1 by confusions of shape (resamples, classes + 1, classes)."""
    right = np.diagonal(confusion, axis1=1, axis2=2)
    actual, answered = confusion.sum(axis=2)[:, :-1], confusion.sum(axis=1)
    return of_classes(right, actual, answered, confusion.sum(axis=(1, 2)))


def of_classes(
    right: np.ndarray, actual: np.ndarray, answered: np.ndarray, total: np.ndarray
) -> dict[Metric, np.ndarray]:
    """Return accuracies and F1 by what each class has: shapes (resamples, classes)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        recall, f1 = right / actual, 2 * right / (actual + answered)
        weighted = np.where(actual > 0, actual * f1, 0).sum(axis=1) / actual.sum(axis=1)
        return {
            "accuracy": right.sum(axis=1) / total,
            "balanced_accuracy": mean_of_known(recall),
            "macro_f1": mean_of_known(f1),
            "weighted_f1": weighted,
        }


def mean_of_known(values: np.ndarray) -> np.ndarray:
    """Return the mean over the last axis of what is not NaN."""
    known = ~np.isnan(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(known, values, 0).sum(axis=-1) / known.sum(axis=-1)


def _roc_aucs(
    truth: np.ndarray, chances: np.ndarray, weights: Weights, classes: int
) -> dict[Metric, np.ndarray]:
    codes = range(classes)
    positive = [truth == code for code in codes]
    there = [code for code in codes if positive[code].any()]
    each = [_roc_auc(positive[code], chances[:, code], weights) for code in there]
    rows = [weights[:, positive[code]].sum(axis=1) for code in there]
    if not there:
        nothing = np.full((len(weights), 1), np.nan)
        return of_roc_aucs(nothing, nothing)
    return of_roc_aucs(np.stack(each, axis=1), np.stack(rows, axis=1))


def of_roc_aucs(each: np.ndarray, rows: np.ndarray) -> dict[Metric, np.ndarray]:
    """Return the averages of what each class has, and has rows; shapes (resamples, classes)."""
    known = ~np.isnan(each)
    with np.errstate(invalid="ignore", divide="ignore"):
        sums = np.where(known, rows * np.where(known, each, 0), 0).sum(axis=1)
        weighted = sums / np.where(known, rows, 0).sum(axis=1)
    return {"macro_roc_auc": mean_of_known(each), "weighted_roc_auc": weighted}


def _roc_auc(positive: np.ndarray, chance: np.ndarray, weights: Weights) -> np.ndarray:
    """Return the share of pairs in the right order, ties counting half.

    Whichever are fewer, those of the class or the others, are asked for where they stand among the
    rest, which is summed between one of them and the next.
    """
    asked = positive if 2 * positive.sum() <= len(positive) else ~positive
    rows, others = np.flatnonzero(asked), np.flatnonzero(~asked)
    values, places = np.unique(chance[rows], return_inverse=True)
    stands = np.searchsorted(values, chance[others])
    own = _sums_by_place(weights, rows, places, len(values))
    # Up to each of the values, those that are equal to it included.
    below = np.cumsum(_sums_by_place(weights, others, stands, len(values) + 1), axis=0)
    pairs = own.sum(axis=0) * below[-1]
    ahead = (own * below[:-1]).sum(axis=0)
    tied = np.isin(chance[others], values)
    if tied.any():
        equal = _sums_by_place(weights, others[tied], stands[tied], len(values))
        ahead -= (own * equal).sum(axis=0) / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        return (ahead if asked is positive else pairs - ahead) / pairs


def _sums_by_place(weights: Weights, rows: np.ndarray, places: np.ndarray, size: int) -> np.ndarray:
    """Return the sums of some rows' weights by place: shape (size, resamples)."""
    from scipy import sparse

    shape = (size, weights.shape[1])
    return np.asarray(sparse.csr_array((np.ones(len(rows)), (places, rows)), shape) @ weights.T)


def _calibration_error(
    right: np.ndarray, chance: np.ndarray, weights: Weights, held: np.ndarray
) -> np.ndarray:
    order = np.argsort(chance, kind="stable")
    gaps, few = (chance - right)[order], max(1, WEIGHTS_IN_CACHE // len(order))
    parts = []
    for at in range(0, len(weights), few):
        weight = np.take(weights[at : at + few], order, axis=1)
        parts.append(binary_metrics.calibration_error(weight * gaps, weight, held[order]))
    return np.concatenate(parts)
