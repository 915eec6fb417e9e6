"""Residuals of predictions in bins: where each belongs, and what counts of them say.

A residual is the outcome less the prediction. Its bins are evenly apart in the inverse hyperbolic
sine of it in units of the plan's scale: even ones for small residuals, and wider ones further out.
"""

from dataclasses import dataclass

import numpy as np

from shared.kinds import Metric
from shared.tasks.answer_plan import AnswerPlan
from shared.tasks.metrics import Weights
from shared.tasks.regression.regression_metrics import correlation, r_squared

# From -1,083 to 1,083 times the scale, in steps that change no metric's third digit.
RESIDUALS, STEP = 192, 0.08
# An outcome is far beyond all others where it is this many times as far off as they are.
FAR = 3
# Of answers that are compared: none, and residuals on three sides.
PAIRED = 1 + 3 * RESIDUALS
# Without MAPE and pinball loss: where outcomes and ends of intervals are is not counted.
COUNTED: tuple[Metric, ...] = (
    *("mae", "rmse", "median_absolute_error", "r2", "correlation", "mean_error"),
)


@dataclass(frozen=True)
class Residuals:
    """The bins of residuals, and those of the predictions that they belong to."""

    plan: AnswerPlan

    def places(self, outcome: np.ndarray, prediction: np.ndarray, each: int) -> np.ndarray:
        """Return each row's bin of the prediction and of the residual, of so many places each."""
        bins = np.searchsorted(np.array(self.plan.edges), prediction, side="right")
        turned = np.arcsinh((outcome - prediction) / self.plan.scale) / STEP
        residual = np.clip(np.floor(np.nan_to_num(turned)) + RESIDUALS // 2, 0, RESIDUALS - 1)
        place = np.where(np.isnan(outcome), 0, 1 + residual).astype("int64")
        return bins * each + place

    def values(self) -> np.ndarray:
        """Return the residual in the middle of each bin."""
        middles = np.arange(RESIDUALS) - RESIDUALS / 2 + 0.5
        return np.asarray(self.plan.scale * np.sinh(middles * STEP))

    def reach(self) -> np.ndarray:
        """Return the least and the largest size of the residuals in each bin: shape (2, bins)."""
        ends = np.abs(np.arange(RESIDUALS + 1) - RESIDUALS // 2) * STEP
        sizes = self.plan.scale * np.sinh(ends)
        return np.sort([sizes[:-1], sizes[1:]], axis=0)

    def gap(self, held: np.ndarray, farthest: float) -> float | None:
        """Return the least size of the bins that are held beyond a gap, `FAR` times as wide.

        The gap begins at the next bin that is held, or at the `farthest`, if that is farther.
        """
        least, most = self.reach()[:, held]
        order = np.argsort(least, kind="stable")
        before = np.maximum.accumulate(np.maximum(np.append(0.0, most[order][:-1]), farthest))
        far = least[order][least[order] >= FAR * before]
        return float(far[0]) if len(far) else None

    def centres(self) -> np.ndarray:
        """Return the mean prediction of each bin of them."""
        return np.array(self.plan.centres or (0.0,))

    def variances(self) -> np.ndarray:
        """Return the variance of the predictions in each bin of them."""
        return np.array(self.plan.deviations or (0.0,)) ** 2

    def of_pairs(self, places: np.ndarray) -> np.ndarray:
        """Return what is measured of answers that are compared, by their places."""
        bins, place = np.divmod(places, PAIRED)
        side, residual = np.divmod(place - 1, RESIDUALS)
        within = np.array([1.0, 0.0, np.nan])[side]
        mean, variance = self.centres()[bins], self.variances()[bins]
        return np.stack([residual, mean, variance, within], axis=1)

    def measure(
        self, target: np.ndarray, measured: np.ndarray, weights: Weights, held: np.ndarray
    ) -> dict[Metric, np.ndarray]:
        """Return each metric that is counted by weighting; NaN where it is not known.

        `measured` has the bin of the residual, the mean and variance of the predictions, and
        whether the outcomes are within their intervals; the `target` follows from these.
        """
        names = COUNTED if self.plan.coverage is None else (*COUNTED, "coverage")
        if not len(measured):
            return {name: np.full(len(weights), np.nan) for name in names}
        bins, predicted, variance, within = measured.T
        residual, total = self.values()[bins.astype("int64")], weights.sum(axis=1)

        def mean(values: np.ndarray) -> np.ndarray:
            return np.asarray((weights * values).sum(axis=1) / total)

        squared, truth = mean(residual**2), predicted + residual
        truth = truth - np.median(truth)
        spread = mean(truth**2 + variance) - mean(truth) ** 2
        centred = predicted - np.median(predicted)
        own = mean(centred**2 + variance) - mean(centred) ** 2
        shared = own + mean(centred * residual) - mean(centred) * mean(residual)
        found = {
            "mae": mean(np.abs(residual)),
            "rmse": np.sqrt(squared),
            "median_absolute_error": self._median_size(bins, weights),
            "r2": r_squared(squared, spread),
            "correlation": correlation(shared, own, spread),
            "mean_error": np.abs(mean(residual)),
            "coverage": mean(within),
        }
        return {name: found[name] for name in names}

    def correlation_error(self, cells: np.ndarray, known: float) -> float:
        """Return the correlation's standard error, by its influence function.

        Resampled by their residuals, rows would all keep the mean prediction of their like.
        """
        predicted = np.repeat(self.centres(), cells.shape[1])
        outcome = predicted + np.tile(self.values(), cells.size // RESIDUALS)
        held, rows = cells.ravel(), cells.sum()

        def standard(values: np.ndarray) -> np.ndarray:
            centred = values - (held * values).sum() / rows
            return np.asarray(centred / np.sqrt((held * centred**2).sum() / rows))

        with np.errstate(invalid="ignore", divide="ignore"):
            one, other = standard(predicted), standard(outcome)
            influence = one * other - known / 2 * (one**2 + other**2)
            return float(np.sqrt((held * influence**2).sum()) / rows)

    def _median_size(self, bins: np.ndarray, weights: Weights) -> np.ndarray:
        """Return the median of absolute residuals, which fill each bin evenly."""
        half = RESIDUALS // 2
        ring = np.where(bins >= half, bins - half, half - 1 - bins).astype("int64")
        order = np.argsort(ring, kind="stable")
        rings, starts = np.unique(ring[order], return_index=True)
        each = np.add.reduceat(weights[:, order], starts, axis=1)
        before = np.cumsum(each, axis=1)
        middle = before[:, -1:] / 2
        at = np.minimum((before < middle).sum(axis=1, keepdims=True), len(rings) - 1)
        inside, reached = (np.take_along_axis(sums, at, axis=1) for sums in (each, before))
        turned = rings[at] + 1 - (reached - middle) / inside
        return np.asarray(self.plan.scale * np.sinh(turned * STEP))[:, 0]
