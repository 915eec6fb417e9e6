"""The metrics of a binary target, for many weightings of the same rows at once.

So hundreds of bootstrap resamples cost one sort and a few array passes.
"""

from collections.abc import Callable, Collection
from typing import NamedTuple

import numpy as np

from shared.kinds import METRICS, Metric
from shared.tasks.metrics import WEIGHTS_IN_CACHE, Weights

BINS = 10


def measure(
    target: np.ndarray,
    probability: np.ndarray,
    weights: Weights,
    held: np.ndarray | None = None,
    names: Collection[Metric] = METRICS["binary"],
) -> dict[Metric, np.ndarray]:
    """Return each of the metrics by weighting: shape (resamples,), NaN where it is not defined.

    `target`, of zeros and ones, and `probability` have the shape (places,). A place is of as many
    rows as are `held` in it.
    """
    held = np.ones(len(target)) if held is None else held
    if not len(target):
        return {name: np.full(len(weights), np.nan) for name in names}
    order = np.argsort(probability, kind="stable")
    truth, chance = target[order], probability[order]
    eps = np.finfo("float64").eps
    clipped = np.clip(chance, eps, 1 - eps)
    surprise = -(truth * np.log(clipped) + (1 - truth) * np.log1p(-clipped))
    starts = np.flatnonzero(np.r_[True, np.diff(chance) > 0])
    places = _Places(truth, chance - truth, surprise, held[order], starts, _stands(truth, starts))
    if len(weights) == 1:
        return _of_one(places, weights[:, order], names)
    few = max(1, WEIGHTS_IN_CACHE // len(order))
    parts = [
        _of_resamples(places, np.take(weights[at : at + few], order, axis=1), names)
        for at in range(0, len(weights), few)
    ]
    return {name: np.concatenate([part[name] for part in parts]) for name in names}


class _Stands(NamedTuple):
    """The places of true rows, and of the distinct probabilities that these have.

    `lasts` are the last true row of each, among the true ones; `starts` and `ends` its places.
    """

    true: np.ndarray
    lasts: np.ndarray
    starts: np.ndarray
    ends: np.ndarray


class _Places(NamedTuple):
    """Places in the order of their probabilities, and where each distinct one of these starts."""

    truth: np.ndarray
    gap: np.ndarray
    surprise: np.ndarray
    held: np.ndarray
    starts: np.ndarray
    stands: _Stands


def _stands(truth: np.ndarray, starts: np.ndarray) -> _Stands:
    true = np.flatnonzero(truth)
    group = np.searchsorted(starts, true, side="right") - 1
    lasts = np.flatnonzero(np.diff(group, append=-1))
    ends = np.append(starts[1:], len(truth)) - 1
    return _Stands(true, lasts, starts[group[lasts]], ends[group[lasts]])


def _of_one(
    places: _Places, weight: Weights, names: Collection[Metric]
) -> dict[Metric, np.ndarray]:
    """Return the metrics by one weighting, of counts that need not be whole."""
    total = weight.sum(axis=1)
    # These alone add up exactly in whichever order.
    ordered = _by_distinct_value(places.starts, weight, places.truth)
    holds_true = np.logical_or.reduceat(places.truth > 0, places.starts)
    made: dict[Metric, Callable[[], np.ndarray]] = {
        "roc_auc": lambda: roc_auc(*ordered),
        "average_precision": lambda: _average_precision(*ordered, holds_true),
        # Sums that are alike on any machine: a product of matrices hangs on its threads.
        "log_loss": lambda: (weight * places.surprise).sum(axis=1) / total,
        "brier": lambda: (weight * places.gap**2).sum(axis=1) / total,
        "calibration_error": lambda: calibration_error(weight * places.gap, weight, places.held),
    }
    return {name: made[name]() for name in names}


def _of_resamples(
    places: _Places, weights: Weights, names: Collection[Metric]
) -> dict[Metric, np.ndarray]:
    """Return the metrics by a few weightings: ranks are looked at where true rows stand alone."""
    rows, stands = np.cumsum(weights, axis=1), places.stands
    total, until = rows[:, -1], rows.take(stands.ends, axis=1)
    before = np.where(stands.starts > 0, rows.take(stands.starts - 1, axis=1), 0)
    caught = np.cumsum(weights.take(stands.true, axis=1), axis=1).take(stands.lasts, axis=1)
    positives = np.diff(caught, axis=1, prepend=0)
    caught_before, all_true = caught - positives, positives.sum(axis=1)

    def area() -> np.ndarray:
        # Those that are missed below each, and half of its equals.
        missed = (until - caught + before - caught_before) / 2
        return (positives * missed).sum(axis=1) / (all_true * (total - all_true))

    def precision() -> np.ndarray:
        flagged = np.maximum(total[:, None] - before, 1)
        gained = (all_true[:, None] - caught_before) / flagged * positives
        # From the highest on, as sums of other orders end in other digits.
        return np.ascontiguousarray(gained[:, ::-1]).sum(axis=1) / all_true

    made: dict[Metric, Callable[[], np.ndarray]] = {
        "roc_auc": area,
        "average_precision": precision,
        "log_loss": lambda: np.einsum("ij,j->i", weights, places.surprise) / total,
        "brier": lambda: np.einsum("ij,j->i", weights, places.gap**2) / total,
        "calibration_error": lambda: calibration_error(weights * places.gap, weights, places.held),
    }
    with np.errstate(invalid="ignore", divide="ignore"):
        return {name: made[name]() for name in names}


def _by_distinct_value(
    starts: np.ndarray, weight: Weights, truth: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    positives = np.add.reduceat(weight * truth, starts, axis=1)
    return positives, np.add.reduceat(weight, starts, axis=1) - positives


def roc_auc(positives: np.ndarray, negatives: np.ndarray) -> np.ndarray:
    """Return the share of pairs in the right order, ties counting half (Mann-Whitney U).

    Both are weights by distinct probability, in its order: shape (resamples, probabilities).
    """
    below = np.cumsum(negatives, axis=1) - negatives / 2
    with np.errstate(invalid="ignore", divide="ignore"):
        return (positives * below).sum(axis=1) / (positives.sum(axis=1) * negatives.sum(axis=1))


def roc_auc_error(area: float, positives: int, negatives: int) -> float:
    """Return the standard error of a ROC AUC over so many rows of each class.

    Hanley and McNeil, The meaning and use of the area under a ROC curve, 1982, equation 2.
    """
    if not positives or not negatives:
        return float("nan")
    one, other = area / (2 - area), 2 * area**2 / (1 + area)
    pairs = (positives - 1) * (one - area**2) + (negatives - 1) * (other - area**2)
    return float(np.sqrt((area * (1 - area) + pairs) / (positives * negatives)))


def _average_precision(
    positives: np.ndarray, negatives: np.ndarray, holds_true: np.ndarray
) -> np.ndarray:
    # Precision at each distinct threshold where recall can be gained, weighted by what is.
    caught = np.cumsum(positives[:, ::-1], axis=1)
    flagged = caught + np.cumsum(negatives[:, ::-1], axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        precision = np.where(flagged > 0, caught / flagged, 0)
        gained = (precision * positives[:, ::-1])[:, holds_true[::-1]]
        return np.ascontiguousarray(gained).sum(axis=1) / positives.sum(axis=1)


def calibration_error(gaps: np.ndarray, weights: Weights, held: np.ndarray) -> np.ndarray:
    """Return the expected calibration error over bins of equally many rows.

    Guo et al. 2017, eq. 3. `gaps` are the weights times how far probabilities, which rise over
    places, are above outcomes: shape (resamples, places), as the weights'.
    """
    before = np.cumsum(held)
    starts = np.searchsorted(before, before[-1] * np.arange(BINS) / BINS, side="right")
    starts = np.unique(np.minimum(starts, len(held) - 1))
    return np.abs(np.add.reduceat(gaps, starts, axis=1)).sum(axis=1) / weights.sum(axis=1)
