"""Counts of predictions: rows by bins of the prediction, and by how far off they were.

A residual is the outcome less the prediction. Its bins are evenly apart in the inverse hyperbolic
sine of it in units of the plan's scale: even ones for small residuals, and wider ones further out.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from shared.profiles.counting_plan import AnswerPlan
from shared.schema import arrow
from shared.schema.log_columns import OUTCOME, PREDICTION
from shared.tasks import metrics
from shared.tasks.intervals import HIGH, LOW, interval_shares
from shared.tasks.kinds import Metric, metric_text
from shared.tasks.metrics import Score, Weights
from shared.tasks.regression_diagnostics import RegressionDiagnostics
from shared.tasks.regression_metrics import correlation, r_squared
from shared.tasks.task import Bias, Comparison, Diagnostics, Share

# From -1,083 to 1,083 times the scale, in steps that change no metric's third digit.
RESIDUALS, STEP = 192, 0.08
# Of answers that are compared: none, and residuals on three sides.
PAIRED = 1 + 3 * RESIDUALS
# Without MAPE and pinball loss: where outcomes and ends of intervals are is not counted.
COUNTED: tuple[Metric, ...] = (
    *("mae", "rmse", "median_absolute_error", "r2", "correlation", "mean_error"),
)
# Between so many bins of predictions, evenly filled but for the two tails.
INNER_BINS, TAIL = 14, 0.01


def plan_answers(table: pa.Table, target: str, coverage: float | None) -> AnswerPlan:
    """Return bins that a history's predictions fill evenly, and the scale of its residuals.

    A table without predictions has one bin.
    """
    plan = AnswerPlan(kind="regression", coverage=coverage)
    prediction = _numbers(table, PREDICTION)
    known, sizes = prediction[np.isfinite(prediction)], _numbers(table, target) - prediction
    if not len(known):
        return plan
    sizes = np.abs(sizes[np.isfinite(sizes)])
    scales = (sizes.mean() if len(sizes) else 0.0, known.std(), 1.0)
    inner = np.linspace(0, 1, INNER_BINS + 1)[1:-1]
    edges = np.unique(np.quantile(known, [TAIL, *inner, 1 - TAIL]))
    bins = np.searchsorted(edges, known, side="right")
    # A bin that is empty in history has the nearest edge for its middle.
    parts = [known[bins == place] for place in range(len(edges) + 1)]
    middles = np.append(edges, edges[-1])
    centres = [part.mean() if len(part) else at for part, at in zip(parts, middles, strict=True)]
    return plan.model_copy(
        update={
            "edges": tuple(edges.tolist()),
            "centres": tuple(map(float, centres)),
            "deviations": tuple(float(part.std()) if len(part) else 0.0 for part in parts),
            "scale": float(next(scale for scale in scales if scale > 0)),
        }
    )


@dataclass(frozen=True)
class RegressionCounts:
    """The counts of predictions: shape (bins of predictions, 1 + sides * bins of residuals).

    The first place of a bin is of rows without an outcome. Where there are intervals, residuals are
    counted on two sides: of outcomes within theirs first, then of all others.
    """

    plan: AnswerPlan

    @property
    def shape(self) -> tuple[int, ...]:
        """Bins of predictions, and places in each."""
        return len(self.plan.edges) + 1, 1 + self._sides * RESIDUALS

    @property
    def _sides(self) -> int:
        return 1 if self.plan.coverage is None else 2

    def places(self, table: pa.Table) -> np.ndarray:
        """Return each row's bin of the prediction and place in it; -1 without a prediction."""
        prediction, outcome = _numbers(table, PREDICTION), _numbers(table, OUTCOME)
        places = self._of_residuals(outcome, prediction, self.shape[1])
        if self._sides == 2:
            inside = (_numbers(table, LOW) <= outcome) & (outcome <= _numbers(table, HIGH))
            places = np.where(inside | np.isnan(outcome), places, places + RESIDUALS)
        return np.where(np.isnan(prediction), -1, places)

    def answered(self, counts: np.ndarray) -> int:
        """Return how many rows have a prediction."""
        return int(counts.sum())

    def received(self, counts: np.ndarray) -> int:
        """Return how many of these have an outcome."""
        return int(counts[:, 1:].sum())

    def can_score(self, counts: np.ndarray) -> bool:
        """Tell whether there are outcomes from which an error's spread is known."""
        return self.received(counts) > 1

    def bias(self, counts: np.ndarray) -> Bias:
        """Return the mean outcome and the mean prediction, as near as bins know it."""
        known = counts[:, 1:].reshape(len(counts), self._sides, RESIDUALS).sum(axis=1)
        rows, residual = known.sum(), self._residuals()
        predicted = float((known.sum(axis=1) * self._centres()).sum() / rows)
        by_residual = known.sum(axis=0)
        mean = float((by_residual * residual).sum() / rows)
        variances = float((by_residual * (residual - mean) ** 2).sum())
        return Bias(predicted + mean, predicted, int(rows), variances)

    def shares(self, counts: np.ndarray) -> dict[str, Share]:
        """Return the outcomes above and below their intervals, where there are some."""
        if self.plan.coverage is None:
            return {}
        outside = counts[:, 1 + RESIDUALS :].sum(axis=0)
        below, above = outside[: RESIDUALS // 2].sum(), outside[RESIDUALS // 2 :].sum()
        return interval_shares(int(above), int(below), self.received(counts), self.plan.coverage)

    def score(
        self, counts: np.ndarray, seed: int, only: Collection[Metric] = ()
    ) -> dict[Metric, Score]:
        """Score the predictions whose outcome is known."""
        cells = counts[:, 1:].astype("float64")
        held, centres = cells.sum(axis=0), self._centres()[:, None]
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = (cells * centres).sum(axis=0) / held
            square = (cells * (centres**2 + self._variances()[:, None])).sum(axis=0) / held
        within = np.repeat([1.0, 0.0], RESIDUALS)[: len(held)]
        if self._sides == 1:
            within = np.full(len(held), np.nan)
        residual = np.tile(np.arange(RESIDUALS), self._sides)
        measured = np.stack([residual, mean, square - mean**2, within], axis=1)
        found = metrics.score_counts(self._measure, np.zeros(len(held)), measured, held, seed)
        known = found["correlation"].value
        return found | {"correlation": _score(known, self._correlation_error(cells, known))}

    def _correlation_error(self, cells: np.ndarray, known: float) -> float:
        """Return the correlation's standard error, by its influence function.

        Resampled by their residuals, rows would all keep the mean prediction of their like.
        """
        predicted = np.repeat(self._centres(), cells.shape[1])
        outcome = predicted + np.tile(self._residuals(), len(cells) * self._sides)
        held, rows = cells.ravel(), cells.sum()

        def standard(values: np.ndarray) -> np.ndarray:
            centred = values - (held * values).sum() / rows
            return np.asarray(centred / np.sqrt((held * centred**2).sum() / rows))

        with np.errstate(invalid="ignore", divide="ignore"):
            one, other = standard(predicted), standard(outcome)
            influence = one * other - known / 2 * (one**2 + other**2)
            return float(np.sqrt((held * influence**2).sum()) / rows)

    def unknown(self, table: pa.Table) -> dict[str, int]:
        """Return nothing: outcomes have no names."""
        return {}

    def note(self, counts: np.ndarray, unknown: Mapping[str, int]) -> str | None:
        """Say how many outcomes are so far off that they count as less far."""
        by_side = counts[:, 1:].reshape(-1, RESIDUALS)
        rows = int(by_side[:, [0, -1]].sum())
        if not rows:
            return None
        far = metric_text(self.plan.scale * float(np.sinh((RESIDUALS // 2 - 1) * STEP)))
        are, count, them = ("s are", "count", "them") if rows > 1 else (" is", "counts", "it")
        return (
            f"{rows:,} outcome{are} more than {far} from the prediction, and {count} as about "
            f"that far: check {them}."
        )

    def estimate(
        self, counts: np.ndarray, diagnostics: Diagnostics, seed: int
    ) -> dict[Metric, Score]:
        """Return the errors to expect of such predictions if each bin's are as on the holdout.

        An error's chance is that of the window's rows and of the holdout's.
        """
        assert isinstance(diagnostics, RegressionDiagnostics)
        answered, bins = counts.sum(axis=1), diagnostics.bins
        if not bins or not answered.sum():
            return {}
        weights, centres = answered / answered.sum(), self._centres()

        def expected(means: list[float], spreads: list[float]) -> tuple[float, float]:
            """Return a mean over the window's rows, and its standard error."""
            at = [one.predicted for one in bins]
            mean, spread = (np.interp(centres, at, values) for values in (means, spreads))
            rows = np.interp(centres, at, [one.rows for one in bins])
            chance = (weights * spread**2).sum() / answered.sum()
            known = (weights**2 * spread**2 / rows).sum()
            return float((weights * mean).sum()), float(np.sqrt(chance + known))

        size = expected([b.absolute for b in bins], [b.absolute_spread for b in bins])
        square = expected([b.squared for b in bins], [b.squared_spread for b in bins])
        root = max(float(np.sqrt(square[0])), np.finfo("float64").tiny)
        found = {"mae": _score(*size), "rmse": _score(root, square[1] / (2 * root))}
        covered = [one.covered for one in bins if one.covered is not None]
        if self._sides == 2 and len(covered) == len(bins):
            found["coverage"] = _score(
                *expected(covered, [float(np.sqrt(c * (1 - c))) for c in covered])
            )
        return found

    def _of_residuals(self, outcome: np.ndarray, prediction: np.ndarray, each: int) -> np.ndarray:
        """Return each row's bin of the prediction and of the residual, of so many places each."""
        bins = np.searchsorted(np.array(self.plan.edges), prediction, side="right")
        turned = np.arcsinh((outcome - prediction) / self.plan.scale) / STEP
        residual = np.clip(np.floor(np.nan_to_num(turned)) + RESIDUALS // 2, 0, RESIDUALS - 1)
        place = np.where(np.isnan(outcome), 0, 1 + residual).astype("int64")
        return bins * each + place

    def pair_places(self, outcome: np.ndarray, answers: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return each row's bin of the prediction, and its place on one of three sides in it.

        These are of outcomes within the interval, beyond it, and of answers without one.
        """
        prediction = answers[PREDICTION].astype("float64")
        places = self._of_residuals(outcome, prediction, PAIRED)
        unknown = np.full(len(outcome), np.nan)
        low, high = (answers.get(name, unknown).astype("float64") for name in (LOW, HIGH))
        without = np.isnan(low) | np.isnan(high)
        side = np.where(without, 2, ~((low <= outcome) & (outcome <= high)))
        return np.where(np.isnan(outcome), places, places + RESIDUALS * side)

    def compare(
        self, places: tuple[np.ndarray, np.ndarray], counts: np.ndarray, seed: int, fewest: int
    ) -> tuple[int, Comparison | None]:
        """Compare two bundles on the rows whose outcome is known.

        The coverage is known where both have given each of these an interval.
        """
        known = places[0] % PAIRED > 0
        held, nothing = counts[known], np.zeros(int(known.sum()))
        received = int(held.sum())
        if received < fewest:
            return received, None
        own, theirs = (self._measured_pair(each[known]) for each in places)
        sides = [metrics.score_counts(self._measure, nothing, s, held, seed) for s in (own, theirs)]
        pair = theirs, own
        differences = metrics.difference_counts(self._measure, nothing, pair, held, seed)
        return received, Comparison(sides[0], sides[1], differences)

    def _measured_pair(self, places: np.ndarray) -> np.ndarray:
        bins, place = np.divmod(places, PAIRED)
        side, residual = np.divmod(place - 1, RESIDUALS)
        within = np.array([1.0, 0.0, np.nan])[side]
        return np.stack([residual, self._centres()[bins], self._variances()[bins], within], axis=1)

    def _measure(
        self, target: np.ndarray, measured: np.ndarray, weights: Weights, held: np.ndarray
    ) -> dict[Metric, np.ndarray]:
        """Return each metric that is counted by weighting; NaN where it is not known.

        `measured` has the bin of the residual, the mean and variance of the predictions, and
        whether the outcomes are within their intervals; the `target` follows from these.
        """
        names = COUNTED if self._sides == 1 else (*COUNTED, "coverage")
        if not len(measured):
            return {name: np.full(len(weights), np.nan) for name in names}
        bins, predicted, variance, within = measured.T
        residual, total = self._residuals()[bins.astype("int64")], weights.sum(axis=1)

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

    def _residuals(self) -> np.ndarray:
        """Return the residual in the middle of each bin."""
        middles = np.arange(RESIDUALS) - RESIDUALS / 2 + 0.5
        return np.asarray(self.plan.scale * np.sinh(middles * STEP))

    def _centres(self) -> np.ndarray:
        return np.array(self.plan.centres or (0.0,))

    def _variances(self) -> np.ndarray:
        return np.array(self.plan.deviations or (0.0,)) ** 2


def _score(value: float, error: float) -> Score:
    reach = metrics.NORMAL_95 * error
    return Score(value, value - reach, value + reach)


def _numbers(table: pa.Table, name: str) -> np.ndarray:
    """Return a column of numbers, NaN where the table has none."""
    if name not in table.column_names:
        return np.full(table.num_rows, np.nan)
    return arrow.numbers(table[name])[0]
