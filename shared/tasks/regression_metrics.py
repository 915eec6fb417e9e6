"""The metrics of a target that is a number, for many weightings of the same rows at once.

What is measured of answers is the prediction, shape (rows,), or with its interval (rows, 3):
prediction, low, high.
"""

import numpy as np

from shared.tasks.kinds import INTERVAL_METRICS, METRICS, Metric
from shared.tasks.metrics import Weights

# Errors are no share of a target that is so small beside what is usual of it.
NEAR_ZERO = 1e-3
# What rounding leaves of a sum of squares that is zero.
ROUNDING = 1e-12


def measure(
    target: np.ndarray,
    measured: np.ndarray,
    weights: Weights,
    held: np.ndarray | None = None,
    coverage: float | None = None,
) -> dict[Metric, np.ndarray]:
    """Return each metric by weighting: shape (resamples,), NaN where it is not defined.

    Nothing is defined where an answer is missing. There are metrics of intervals where these are to
    hold a share `coverage` of the outcomes. `mean_error` is without its sign, so that less of it is
    better.
    """
    names = [n for n in METRICS["regression"] if coverage or n not in INTERVAL_METRICS]
    nothing = {name: np.full(len(weights), np.nan) for name in names}
    prediction = predictions(measured)
    if not len(target) or np.isnan(prediction).any():
        return nothing
    error, total = prediction - target, weights.sum(axis=1)

    def mean(values: np.ndarray) -> np.ndarray:
        # Sums that are alike on any machine: a product of matrices hangs on its threads.
        return np.asarray((weights * values).sum(axis=1) / total)

    squared, variance = mean(error**2), _variance(target, weights)
    found = nothing | {
        "mae": mean(np.abs(error)),
        "rmse": np.sqrt(squared),
        "median_absolute_error": _weighted_median(np.abs(error), weights),
        "r2": r_squared(squared, variance),
        "correlation": correlation(
            _covariance(prediction, target, weights), _variance(prediction, weights), variance
        ),
        "mean_error": np.abs(mean(error)),
    }
    if _has_shares(target):
        found["mape"] = mean(np.abs(error / target))
    if measured.ndim == 2 and coverage is not None:
        low, high, tail = measured[:, 1], measured[:, 2], (1 - coverage) / 2
        losses = _pinball_loss(target - low, tail) + _pinball_loss(target - high, 1 - tail)
        found["pinball_loss"] = mean(losses / 2)
        found["coverage"] = mean((low <= target) & (target <= high))
    return found


def predictions(measured: np.ndarray) -> np.ndarray:
    """Return the predictions among what is measured, with or without intervals; shape (rows,)."""
    return measured if measured.ndim == 1 else measured[:, 0]


def r_squared(squared: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Return R² of mean squared errors and the target's variances; NaN of a target that is one."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(variance > 0, 1 - squared / variance, np.nan)


def correlation(covariance: np.ndarray, *variances: np.ndarray) -> np.ndarray:
    """Return Pearson's correlation of two columns; NaN where either has no variance."""
    size = np.sqrt(variances[0] * variances[1])
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(size > 0, np.clip(covariance / size, -1, 1), np.nan)


def _covariance(one: np.ndarray, other: np.ndarray, weights: Weights) -> np.ndarray:
    total = weights.sum(axis=1)
    ours, theirs = one - np.median(one), other - np.median(other)
    means = [(weights * each).sum(axis=1) / total for each in (ours, theirs)]
    return np.asarray((weights * (ours * theirs)).sum(axis=1) / total - means[0] * means[1])


def _variance(values: np.ndarray, weights: Weights) -> np.ndarray:
    """Return a column's variance by weighting: zero where nothing but rounding is left of it."""
    # Near the middle little is lost when the square of the mean is taken away.
    centred, total = values - np.median(values), weights.sum(axis=1)
    square = (weights * centred**2).sum(axis=1) / total
    variance = square - ((weights * centred).sum(axis=1) / total) ** 2
    return np.where(variance > ROUNDING * square, variance, 0.0)


def _weighted_median(values: np.ndarray, weights: Weights) -> np.ndarray:
    """Return the median by weighting: between two where half of the weight is below both.

    The averaged inverse of the distribution function (Hyndman and Fan 1996, definition 2).
    """
    order = np.argsort(values, kind="stable")
    ordered, before = values[order], np.cumsum(weights[:, order], axis=1)
    half, last = before[:, -1:] / 2, len(values) - 1
    at = np.minimum((before < half).sum(axis=1, keepdims=True), last)
    reached = np.take_along_axis(before, at, axis=1)
    after = (before <= reached).sum(axis=1, keepdims=True)
    after = np.where(after > last, at, after)
    between = (ordered[at] + ordered[after]) / 2
    return np.where(reached - half > np.finfo("float64").eps, ordered[at], between)[:, 0]


def _has_shares(target: np.ndarray) -> bool:
    """Tell whether errors can be taken for shares of a target: it has one sign, and is never 0."""
    size = np.abs(target)
    return bool(
        size.min() > NEAR_ZERO * np.median(size) and (target > 0).all() | (target < 0).all()
    )


def _pinball_loss(above: np.ndarray, level: float) -> np.ndarray:
    # By how much the target is above a quantile of this level (Koenker and Bassett 1978).
    return np.maximum(level * above, (level - 1) * above)
