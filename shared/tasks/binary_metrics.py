"""The metrics of a binary target, for many weightings of the same rows at once.

So hundreds of bootstrap resamples cost one sort and a few array passes.
"""

from collections.abc import Callable, Collection

import numpy as np

from shared.tasks.kinds import METRICS, Metric
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
    truth, chance, weight = target[order], probability[order], weights[:, order]
    total, gap = weight.sum(axis=1), chance - truth
    eps = np.finfo("float64").eps
    clipped = np.clip(chance, eps, 1 - eps)
    surprise = -(truth * np.log(clipped) + (1 - truth) * np.log1p(-clipped))
    starts = np.flatnonzero(np.r_[True, np.diff(chance) > 0])
    if len(weights) > 1:
        ranked = _of_resamples(truth, np.r_[starts[1:], len(truth)] - 1, weights, order, names)
    else:
        # Counts need not be whole, and these alone add up exactly in whichever order.
        ordered = _by_distinct_value(starts, weight, truth)
        ranked = {"roc_auc": roc_auc(*ordered), "average_precision": _average_precision(*ordered)}
    made: dict[Metric, Callable[[], np.ndarray]] = {
        # Sums that are alike on any machine: a product of matrices hangs on its threads.
        "log_loss": lambda: (weight * surprise).sum(axis=1) / total,
        "brier": lambda: (weight * gap**2).sum(axis=1) / total,
        "calibration_error": lambda: calibration_error(weight * gap, weight, held[order]),
    }
    return {name: ranked[name] if name in ranked else made[name]() for name in names}


def _of_resamples(
    truth: np.ndarray,
    ends: np.ndarray,
    weights: Weights,
    order: np.ndarray,
    names: Collection[Metric],
) -> dict[Metric, np.ndarray]:
    """Return what ranks say by each weighting of whole rows, a few at a time.

    `ends` are the last places of each distinct probability, in the order of which is `truth`.
    """
    few = max(1, WEIGHTS_IN_CACHE // len(order))
    parts = []
    for at in range(0, len(weights), few):
        ordered = np.take(weights[at : at + few], order, axis=1)
        rows = np.cumsum(ordered, axis=1).take(ends, axis=1)
        caught = np.cumsum(ordered * truth, axis=1).take(ends, axis=1)
        parts.append(_of_running_sums(rows, caught, names))
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _of_running_sums(
    rows: np.ndarray, caught: np.ndarray, names: Collection[Metric]
) -> dict[Metric, np.ndarray]:
    """Return what ranks say by all rows, and the true ones, up to each distinct probability."""
    positives, missed = np.diff(caught, axis=1, prepend=0), rows - caught
    found: dict[Metric, np.ndarray] = {}
    with np.errstate(invalid="ignore", divide="ignore"):
        if "roc_auc" in names:
            below = missed.copy()
            below[:, 1:] += missed[:, :-1]
            pairs = caught[:, -1] * missed[:, -1]
            found["roc_auc"] = (positives * below).sum(axis=1) / 2 / pairs
        if "average_precision" in names:
            above = caught[:, -1:] - caught + positives
            flagged = rows[:, -1:] - np.pad(rows[:, :-1], ((0, 0), (1, 0)))
            gained = above / np.maximum(flagged, 1) * positives
            # From the highest on, as sums of other orders end in other digits.
            falling = np.ascontiguousarray(gained[:, ::-1])
            found["average_precision"] = falling.sum(axis=1) / caught[:, -1]
    return found


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


def _average_precision(positives: np.ndarray, negatives: np.ndarray) -> np.ndarray:
    # Precision at each distinct threshold, weighted by the recall gained there.
    caught = np.cumsum(positives[:, ::-1], axis=1)
    flagged = caught + np.cumsum(negatives[:, ::-1], axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        precision = np.where(flagged > 0, caught / flagged, 0)
        return (precision * positives[:, ::-1]).sum(axis=1) / positives.sum(axis=1)


def calibration_error(gaps: np.ndarray, weights: Weights, held: np.ndarray) -> np.ndarray:
    """Return the expected calibration error over bins of equally many rows.

    Guo et al. 2017, eq. 3. `gaps` are the weights times how far probabilities, which rise over
    places, are above outcomes: shape (resamples, places), as the weights'.
    """
    before = np.cumsum(held)
    starts = np.searchsorted(before, before[-1] * np.arange(BINS) / BINS, side="right")
    starts = np.unique(np.minimum(starts, len(held) - 1))
    return np.abs(np.add.reduceat(gaps, starts, axis=1)).sum(axis=1) / weights.sum(axis=1)


def calibration(target: np.ndarray, probability: np.ndarray) -> list[dict[str, float]]:
    """Return a row per bin of equally many rows: mean probability, observed share, rows."""
    order = np.argsort(probability, kind="stable")
    parts = [part for part in np.array_split(order, BINS) if len(part)]
    return [
        {
            "predicted": float(np.mean(probability[part])),
            "observed": float(np.mean(target[part])),
            "rows": len(part),
        }
        for part in parts
    ]
