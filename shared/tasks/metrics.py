"""How good probabilities are: metrics of a binary target, each with a bootstrap interval.

Every metric is computed for many weightings of the same rows at once, so that hundreds of bootstrap
resamples cost one sort and a few array passes.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from shared.settings import HIGHER_IS_BETTER, METRICS, Metric

RESAMPLES = 200
CONFIDENCE = 0.95
NORMAL_95 = 1.96
BINS = 10
# What a model in production is held to: the order that it gives the rows, and its probabilities.
JUDGED: tuple[Metric, ...] = ("roc_auc", "log_loss")
# So many weights are held at once: 32 MB.
_WEIGHTS_AT_ONCE = 4_000_000

Weights = np.ndarray  # (resamples, rows), each row of counts summing to the number of rows


@dataclass(frozen=True)
class Score:
    """A metric on some rows, and the ends of its 95 % bootstrap interval (percentile method)."""

    value: float
    low: float
    high: float

    @property
    def error(self) -> float:
        """The standard error, as the interval tells it."""
        return (self.high - self.low) / (2 * NORMAL_95)

    def __str__(self) -> str:
        return f"{self.value:.4f} [{self.low:.4f}, {self.high:.4f}]"


def score(
    target: np.ndarray, probability: np.ndarray, seed: int = 0, resamples: int = RESAMPLES
) -> dict[Metric, Score]:
    """Score probabilities, shape (rows,), against a target of zeros and ones, shape (rows,).

    A metric that is not defined on the rows (ROC AUC of one class, anything of none) is NaN.
    """
    truth, chance = np.asarray(target, dtype="float64"), np.asarray(probability, dtype="float64")
    return _with_intervals(
        len(truth), seed, lambda weights: _measure(truth, chance, weights), resamples
    )


def score_counts(
    negatives: np.ndarray, positives: np.ndarray, probability: np.ndarray, seed: int = 0
) -> dict[Metric, Score]:
    """Score rows that were counted by bins of their probability; all of shape (bins,).

    Counts need not be whole: expected ones give the scores that are to be expected.
    """
    weights = np.concatenate([negatives, positives]).astype("float64")
    truth = np.repeat([0.0, 1.0], len(probability))
    chance = np.tile(probability, 2)
    rows, there = weights.sum(), weights > 0
    if not rows:
        return {name: Score(np.nan, np.nan, np.nan) for name in METRICS}
    truth, chance, weights = truth[there], chance[there], weights[there]
    rng = np.random.default_rng(seed)
    resampled = rng.multinomial(round(rows), weights / rows, RESAMPLES).astype("float64")
    whole = _measure(truth, chance, weights[None], weights)
    return _between(whole, [_measure(truth, chance, resampled, weights)])


def difference(
    target: np.ndarray, probability: np.ndarray, other: np.ndarray, seed: int = 0
) -> dict[Metric, Score]:
    """Score one set of probabilities minus another of the same rows: a paired bootstrap."""
    truth = np.asarray(target, dtype="float64")
    one, two = np.asarray(probability, dtype="float64"), np.asarray(other, dtype="float64")

    def apart(weights: Weights) -> dict[Metric, np.ndarray]:
        first, second = _measure(truth, one, weights), _measure(truth, two, weights)
        return {name: first[name] - second[name] for name in METRICS}

    return _with_intervals(len(truth), seed, apart)


def difference_counts(
    counts: np.ndarray,
    target: np.ndarray,
    probability: np.ndarray,
    other: np.ndarray,
    seed: int = 0,
) -> dict[Metric, Score]:
    """Score one set of probabilities minus another, of rows that were counted by both; (cells,)."""
    rows, held = int(counts.sum()), counts.astype("float64")

    def apart(weights: Weights) -> dict[Metric, np.ndarray]:
        first = _measure(target, probability, weights, held)
        second = _measure(target, other, weights, held)
        return {name: first[name] - second[name] for name in METRICS}

    rng = np.random.default_rng(seed)
    at_once = max(1, min(RESAMPLES, _WEIGHTS_AT_ONCE // len(held)))
    blocks = [
        apart(rng.multinomial(rows, held / rows, min(at_once, RESAMPLES - done)).astype("float64"))
        for done in range(0, RESAMPLES, at_once)
    ]
    return _between(apart(held[None]), blocks)


def metric_name(metric: str) -> str:
    """Return what people call a metric, as it stands within a sentence."""
    return {"roc_auc": "ROC AUC", "brier": "Brier score"}.get(metric, metric.replace("_", " "))


def gain(difference: Score, metric: Metric) -> tuple[float, float]:
    """Return the ends of a difference's interval, turned so that more is better."""
    sign = 1 if metric in HIGHER_IS_BETTER else -1
    low, high = sorted((sign * difference.low, sign * difference.high))
    return low, high


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


def _with_intervals(
    rows: int,
    seed: int,
    measure: Callable[[Weights], dict[Metric, np.ndarray]],
    resamples: int = RESAMPLES,
) -> dict[Metric, Score]:
    if not rows:
        return {name: Score(np.nan, np.nan, np.nan) for name in METRICS}
    whole = measure(np.ones((1, rows)))
    rng = np.random.default_rng(seed)
    at_once = max(1, min(resamples, _WEIGHTS_AT_ONCE // rows))
    blocks = [
        measure(_resamples(rows, min(at_once, resamples - done), rng))
        for done in range(0, resamples, at_once)
    ]
    return _between(whole, blocks)


def _between(
    whole: dict[Metric, np.ndarray], blocks: list[dict[Metric, np.ndarray]]
) -> dict[Metric, Score]:
    tails = [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2]
    scores: dict[Metric, Score] = {}
    for name in METRICS:
        resampled = np.concatenate([block[name] for block in blocks])
        resampled = resampled[~np.isnan(resampled)]
        low, high = np.quantile(resampled, tails) if len(resampled) else (np.nan, np.nan)
        scores[name] = Score(float(whole[name][0]), float(low), float(high))
    return scores


def _resamples(rows: int, count: int, rng: np.random.Generator) -> Weights:
    resamples = (np.bincount(rng.integers(0, rows, rows), minlength=rows) for _ in range(count))
    return np.stack(list(resamples)).astype("float64")


def _measure(
    target: np.ndarray, probability: np.ndarray, weights: Weights, held: np.ndarray | None = None
) -> dict[Metric, np.ndarray]:
    # Each place is of one row unless it is told how many are `held` in it.
    held = np.ones(len(target)) if held is None else held
    order = np.argsort(probability, kind="stable")
    truth, chance, weight = target[order], probability[order], weights[:, order]
    total = weight.sum(axis=1)
    eps = np.finfo("float64").eps
    clipped = np.clip(chance, eps, 1 - eps)
    surprise = -(truth * np.log(clipped) + (1 - truth) * np.log1p(-clipped))
    positives, negatives = _by_distinct_value(chance, weight, truth)
    return {
        "roc_auc": _roc_auc(positives, negatives),
        "average_precision": _average_precision(positives, negatives),
        # Sums that are alike on any machine: a product of matrices hangs on its threads.
        "log_loss": (weight * surprise).sum(axis=1) / total,
        "brier": (weight * (chance - truth) ** 2).sum(axis=1) / total,
        "calibration_error": _calibration_error(truth, chance, weight, held[order]),
    }


def _by_distinct_value(
    chance: np.ndarray, weight: Weights, truth: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    starts = np.flatnonzero(np.r_[True, np.diff(chance) > 0])
    positives = np.add.reduceat(weight * truth, starts, axis=1)
    return positives, np.add.reduceat(weight, starts, axis=1) - positives


def _roc_auc(positives: np.ndarray, negatives: np.ndarray) -> np.ndarray:
    # The share of pairs in the right order, ties counting half (Mann-Whitney U).
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


def _calibration_error(
    truth: np.ndarray, chance: np.ndarray, weight: Weights, held: np.ndarray
) -> np.ndarray:
    # Expected calibration error over bins of equally many rows (Guo et al. 2017, eq. 3).
    before = np.cumsum(held)
    starts = np.searchsorted(before, before[-1] * np.arange(BINS) / BINS, side="right")
    starts = np.unique(np.minimum(starts, len(truth) - 1))
    gaps = np.abs(np.add.reduceat(weight * (chance - truth), starts, axis=1))
    return gaps.sum(axis=1) / weight.sum(axis=1)
