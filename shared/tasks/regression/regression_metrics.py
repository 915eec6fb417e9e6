"""The metrics of a target that is a number, for many weightings of the same rows at once.

What is measured of answers is the prediction, shape (rows,), or with its interval (rows, 3):
prediction, low, high.
"""

from collections.abc import Callable, Collection

import numpy as np

from shared.kinds import INTERVAL_METRICS, METRICS, Metric
from shared.tasks.metrics import Weights

# Errors are no share of a target that is so small beside what is usual of it.
NEAR_ZERO = 1e-3
_OF_VARIANCES = ("r2", "correlation")
# The rank of a resample's median varies by half of the root of the rows: it is not so far off.
MIDDLE_DEVIATIONS = 8
# What rounding leaves of a sum of squares that is zero.
ROUNDING = 1e-12


def measure(
    target: np.ndarray,
    measured: np.ndarray,
    weights: Weights,
    held: np.ndarray | None = None,
    coverage: float | None = None,
    names: Collection[Metric] = METRICS["regression"],
) -> dict[Metric, np.ndarray]:
    """Return each of the metrics by weighting: shape (resamples,), NaN where it is not defined.

    Nothing is defined where an answer is missing. There are metrics of intervals where these are to
    hold a share `coverage` of the outcomes. `mean_error` is without its sign, so that less of it is
    better.
    """
    names = [n for n in names if coverage or n not in INTERVAL_METRICS]
    nothing = {name: np.full(len(weights), np.nan) for name in names}
    prediction = predictions(measured)
    if not len(target) or np.isnan(prediction).any():
        return nothing
    error, total = prediction - target, weights.sum(axis=1)

    def mean(values: np.ndarray) -> np.ndarray:
        # In one pass, and alike on any machine: a product of matrices hangs on its threads.
        return np.asarray(np.einsum("ij,j->i", weights, values) / total)

    size, squares = np.abs(error), mean(error**2)
    made: dict[Metric, Callable[[], np.ndarray]] = {
        "mae": lambda: mean(size),
        "rmse": lambda: np.sqrt(squares),
        "median_absolute_error": lambda: _weighted_median(size, weights),
        "mean_error": lambda: np.abs(mean(error)),
    }
    if not {*names}.isdisjoint(_OF_VARIANCES):
        # Near the middle little is lost when the square of the mean is taken away.
        truth, answer = target - np.median(target), prediction - np.median(prediction)
        means = mean(truth), mean(answer)
        variance, own = (
            _variance(mean(each**2), middle)
            for each, middle in zip((truth, answer), means, strict=True)
        )
        together = mean(truth * answer) - means[0] * means[1]
        made["r2"] = lambda: r_squared(squares, variance)
        made["correlation"] = lambda: correlation(together, own, variance)
    if _has_shares(target):
        made["mape"] = lambda: mean(np.abs(error / target))
    if measured.ndim == 2 and coverage is not None:
        low, high, tail = measured[:, 1], measured[:, 2], (1 - coverage) / 2
        losses = _pinball_loss(target - low, tail) + _pinball_loss(target - high, 1 - tail)
        made["pinball_loss"] = lambda: mean(losses / 2)
        made["coverage"] = lambda: mean((low <= target) & (target <= high))
    return nothing | {name: made[name]() for name in names if name in made}


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


def _variance(square: np.ndarray, middle: np.ndarray) -> np.ndarray:
    """Return the variance by a mean of squares and a mean: zero where only rounding is left."""
    variance = square - middle**2
    return np.where(variance > ROUNDING * square, variance, 0.0)


def _weighted_median(values: np.ndarray, weights: Weights) -> np.ndarray:
    """Return the median by weighting: between two where half of the weight is below both.

    The averaged inverse of the distribution function (Hyndman and Fan 1996, definition 2). Of many
    rows those in the middle alone are put in order, if each weighting has its median there.
    """
    half = weights.sum(axis=1, keepdims=True) / 2
    reach = MIDDLE_DEVIATIONS * np.sqrt(len(values))
    ends = (len(values) + np.array([-reach, reach])) / 2
    if ends[0] > 0:
        low, high = np.partition(values, ends.astype(int))[ends.astype(int)]
        middle = (values >= low) & (values <= high)
        below = np.einsum("ij,j->i", weights, (values < low).astype("float64"))[:, None]
        held = weights[:, middle]
        if (below < half).all() and (below + held.sum(axis=1, keepdims=True) > half).all():
            return _middle(values[middle], held, below, half)
    return _middle(values, weights, np.zeros((len(weights), 1)), half)


def _middle(
    values: np.ndarray, weights: Weights, below: np.ndarray, half: np.ndarray
) -> np.ndarray:
    """Return where half of the weight is reached, if so much is below all of the values."""
    order = np.argsort(values, kind="stable")
    ordered, before = values[order], below + np.cumsum(weights[:, order], axis=1)
    at = np.argmax(before >= half, axis=1)
    reached = before[np.arange(len(before)), at][:, None]
    # Where nothing comes after, the first of the places is found.
    after = np.maximum(at, np.argmax(before > reached, axis=1))
    between = (ordered[at] + ordered[after]) / 2
    is_past = (reached - half)[:, 0] > np.finfo("float64").eps
    return np.where(is_past, ordered[at], between)


def _has_shares(target: np.ndarray) -> bool:
    """Tell whether errors can be taken for shares of a target: it has one sign, and is never 0."""
    size = np.abs(target)
    return bool(
        size.min() > NEAR_ZERO * np.median(size) and (target > 0).all() | (target < 0).all()
    )


def _pinball_loss(above: np.ndarray, level: float) -> np.ndarray:
    # By how much the target is above a quantile of this level (Koenker and Bassett 1978).
    return np.maximum(level * above, (level - 1) * above)
