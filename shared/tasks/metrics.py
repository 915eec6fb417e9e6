"""How good probabilities are: metrics of a binary target, each with a bootstrap interval."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from shared.settings import HIGHER_IS_BETTER, METRICS, Metric
from shared.tasks.weighted_metrics import BINS, Weights, measure

RESAMPLES = 200
CONFIDENCE = 0.95
NORMAL_95 = 1.96
# What a model in production is held to: the order that it gives the rows, and its probabilities.
JUDGED: tuple[Metric, ...] = ("roc_auc", "log_loss")
# Metrics that resampled rows score worse than the rows that they are taken from.
BIASED: tuple[Metric, ...] = ("calibration_error",)
# So many weights are held at once: 32 MB.
_WEIGHTS_AT_ONCE = 4_000_000


@dataclass(frozen=True)
class Score:
    """A metric on some rows, and the ends of its 95% bootstrap interval.

    The interval is between percentiles of what resampled rows score. Resampled, calibration is
    worse than it was, as chance adds to each bin's gap: there they are moved by that bias.
    """

    value: float
    low: float
    high: float

    @property
    def error(self) -> float:
        """The standard error, by the width of the interval."""
        return (self.high - self.low) / (2 * NORMAL_95)

    @property
    def signed(self) -> str:
        """The score as a difference is written: with its sign."""
        return self._written("+.4f")

    def __str__(self) -> str:
        return self._written(".4f")

    def _written(self, digits: str) -> str:
        if np.isnan(self.value):
            return "not defined"
        if np.isnan(self.low):
            return "too few rows"
        return f"{self.value:{digits}} [{self.low:{digits}}, {self.high:{digits}}]"


def score(
    target: np.ndarray, probability: np.ndarray, seed: int = 0, resamples: int = RESAMPLES
) -> dict[Metric, Score]:
    """Score probabilities, shape (rows,), against a target of zeros and ones, shape (rows,).

    A metric that is not defined on the rows (ROC AUC of one class, anything of none) is NaN.
    """
    truth, chance = np.asarray(target, dtype="float64"), np.asarray(probability, dtype="float64")
    resample = _row_resampling(len(truth), seed)
    held = np.ones(len(truth))
    return _bootstrap(lambda weights: measure(truth, chance, weights), held, resample, resamples)


def score_counts(
    negatives: np.ndarray, positives: np.ndarray, probability: np.ndarray, seed: int = 0
) -> dict[Metric, Score]:
    """Score rows that were counted by bins of their probability; all of shape (bins,).

    Counts need not be whole: expected ones give the scores that are to be expected.
    """
    counted = np.concatenate([negatives, positives]).astype("float64")
    held, there = counted[counted > 0], counted > 0
    truth, chance = np.repeat([0.0, 1.0], len(probability))[there], np.tile(probability, 2)[there]
    resample = _count_resampling(held, seed)
    return _bootstrap(lambda weights: measure(truth, chance, weights, held), held, resample)


def difference(
    target: np.ndarray, probability: np.ndarray, other: np.ndarray, seed: int = 0
) -> dict[Metric, Score]:
    """Score one set of probabilities minus another of the same rows: a paired bootstrap."""
    truth = np.asarray(target, dtype="float64")
    pair = np.asarray(probability, dtype="float64"), np.asarray(other, dtype="float64")
    held = np.ones(len(truth))
    measured, resample = _difference_of(truth, pair, held), _row_resampling(len(truth), seed)
    return _bootstrap(measured, held, resample, least=-np.inf)


def difference_counts(
    counts: np.ndarray,
    target: np.ndarray,
    probability: np.ndarray,
    other: np.ndarray,
    seed: int = 0,
) -> dict[Metric, Score]:
    """Score one set of probabilities minus another, of rows that were counted by both; (cells,)."""
    held = counts.astype("float64")
    measured = _difference_of(target, (probability, other), held)
    return _bootstrap(measured, held, _count_resampling(held, seed), least=-np.inf)


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


def _bootstrap(
    measured: Callable[[Weights], dict[Metric, np.ndarray]],
    held: np.ndarray,
    resample: Callable[[int], Weights],
    resamples: int = RESAMPLES,
    least: float = 0.0,
) -> dict[Metric, Score]:
    """Score places that hold so many rows each, with intervals from resamples of the rows.

    No metric is below the `least`; a difference may be.
    """
    if not len(held):
        return {name: Score(np.nan, np.nan, np.nan) for name in METRICS}
    at_once = max(1, min(resamples, _WEIGHTS_AT_ONCE // len(held)))
    blocks = [
        measured(resample(min(at_once, resamples - done))) for done in range(0, resamples, at_once)
    ]
    return _between(measured(held[None]), blocks, least)


def _difference_of(
    truth: np.ndarray, pair: tuple[np.ndarray, np.ndarray], held: np.ndarray
) -> Callable[[Weights], dict[Metric, np.ndarray]]:
    def measured(weights: Weights) -> dict[Metric, np.ndarray]:
        first, second = (measure(truth, chance, weights, held) for chance in pair)
        return {name: first[name] - second[name] for name in METRICS}

    return measured


def _row_resampling(rows: int, seed: int) -> Callable[[int], Weights]:
    rng = np.random.default_rng(seed)

    def resample(count: int) -> Weights:
        sampled = (np.bincount(rng.integers(0, rows, rows), minlength=rows) for _ in range(count))
        return np.stack(list(sampled)).astype("float64")

    return resample


def _count_resampling(held: np.ndarray, seed: int) -> Callable[[int], Weights]:
    rng, rows = np.random.default_rng(seed), held.sum()
    return lambda count: rng.multinomial(round(rows), held / rows, count).astype("float64")


def _between(
    whole: dict[Metric, np.ndarray], blocks: list[dict[Metric, np.ndarray]], least: float
) -> dict[Metric, Score]:
    tails = [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2]
    scores: dict[Metric, Score] = {}
    for name in METRICS:
        value = float(whole[name][0])
        resampled = np.concatenate([block[name] for block in blocks])
        resampled = resampled[~np.isnan(resampled)]
        low, high = np.quantile(resampled, tails) if len(resampled) else (np.nan, np.nan)
        if name in BIASED and len(resampled):
            bias = resampled.mean() - value
            low, high = max(low - bias, least), high - bias
        scores[name] = Score(value, float(low), float(high))
    return scores
