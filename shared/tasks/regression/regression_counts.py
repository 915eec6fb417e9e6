"""Counts of predictions: rows by bins of the prediction, and by how far off they were."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from shared.kinds import Metric, metric_text
from shared.log_columns import OUTCOME, PREDICTION
from shared.tasks import metrics
from shared.tasks.answer_counts import AnswerCounts, Comparison, PlacePairs
from shared.tasks.answer_plan import AnswerPlan
from shared.tasks.metrics import Score
from shared.tasks.outcome_statistics import Bias, FarCells, Share, Trait
from shared.tasks.regression.intervals import HIGH, LOW, interval_shares
from shared.tasks.regression.prediction_bins import numbers
from shared.tasks.regression.regression_diagnostics import RegressionDiagnostics
from shared.tasks.regression.residuals import PAIRED, RESIDUALS, Residuals
from shared.tasks.task import Diagnostics
from shared.tasks.traits import SLOPE, residual_traits, slope


@dataclass(frozen=True)
class RegressionCounts(AnswerCounts):
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
    def residuals(self) -> Residuals:
        """The bins of residuals."""
        return Residuals(self.plan)

    @property
    def _sides(self) -> int:
        return 1 if self.plan.coverage is None else 2

    def places(self, table: pa.Table) -> np.ndarray:
        """Return each row's bin of the prediction and place in it; -1 without a prediction."""
        prediction, outcome = numbers(table, PREDICTION), numbers(table, OUTCOME)
        places = self.residuals.places(outcome, prediction, self.shape[1])
        if self._sides == 2:
            inside = (numbers(table, LOW) <= outcome) & (outcome <= numbers(table, HIGH))
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

    def telling(self, counts: np.ndarray) -> int:
        """Return how many have an outcome: each tells of the error."""
        return self.received(counts)

    def bias(self, counts: np.ndarray) -> Bias:
        """Return the mean outcome and the mean prediction, as near as bins know it."""
        known = counts[:, 1:].reshape(len(counts), self._sides, RESIDUALS).sum(axis=1)
        rows, residual = known.sum(), self.residuals.values()
        predicted = float((known.sum(axis=1) * self.residuals.centres()).sum() / rows)
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

    def traits(self, counts: np.ndarray) -> dict[str, Trait]:
        """Return how outcomes follow predictions, and how far they are from them."""
        cells = counts[:, 1:].reshape(len(counts), self._sides, RESIDUALS).sum(axis=1)
        rows, residual = cells.astype("float64"), self.residuals.values()
        answer = np.repeat(self.residuals.centres(), RESIDUALS)
        outcome, held = answer + np.tile(residual, len(rows)), rows.ravel()
        within = float((rows.sum(axis=1) * self.residuals.variances()).sum() / rows.sum())
        found = residual_traits(residual, rows.sum(axis=0))
        return {SLOPE: slope(outcome, answer, held, within)} | found

    def score(
        self, counts: np.ndarray, seed: int, only: Collection[Metric] = ()
    ) -> dict[Metric, Score]:
        """Score the predictions whose outcome is known."""
        cells = counts[:, 1:].astype("float64")
        held, centres = cells.sum(axis=0), self.residuals.centres()[:, None]
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = (cells * centres).sum(axis=0) / held
            square = (cells * (centres**2 + self.residuals.variances()[:, None])).sum(axis=0) / held
        within = np.repeat([1.0, 0.0], RESIDUALS)[: len(held)]
        if self._sides == 1:
            within = np.full(len(held), np.nan)
        residual = np.tile(np.arange(RESIDUALS), self._sides)
        measured = np.stack([residual, mean, square - mean**2, within], axis=1)
        found = metrics.score_counts(
            self.residuals.measure, np.zeros(len(held)), measured, held, seed
        )
        known = found["correlation"].value
        error = self.residuals.correlation_error(cells, known)
        return found | {"correlation": _score(known, error)}

    def note(self, counts: np.ndarray, unknown: Mapping[str, int]) -> str | None:
        """Say how many outcomes are so far off that they count as less far."""
        by_side = counts[:, 1:].reshape(-1, RESIDUALS)
        rows = int(by_side[:, [0, -1]].sum())
        if not rows:
            return None
        far = metric_text(float(self.residuals.reach()[0, -1]))
        are, count, them = ("s are", "count", "them") if rows > 1 else (" is", "counts", "it")
        return (
            f"{rows:,} outcome{are} more than {far} from the prediction, and {count} as about "
            f"that far: check {them}."
        )

    def far_cells(self, counts: np.ndarray, diagnostics: Diagnostics) -> FarCells | None:
        """Return the bins of residuals `FAR` times as far out as the next, and the holdout's end.

        Errors that have all grown have no such gap between them.
        """
        assert isinstance(diagnostics, RegressionDiagnostics)
        farthest = max(diagnostics.sizes, default=0.0)
        held = counts[:, 1:].reshape(-1, RESIDUALS).sum(axis=0) > 0
        beyond = self.residuals.gap(held, farthest) if farthest else None
        if beyond is None:
            return None
        far = self.residuals.reach()[0] >= beyond
        cells = np.concatenate([[False], np.tile(far, self._sides)])
        return FarCells(np.broadcast_to(cells, self.shape), beyond, farthest)

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
        weights, centres = answered / answered.sum(), self.residuals.centres()

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

    def expected_of(
        self,
        counts: np.ndarray,
        scores: Mapping[Metric, Score],
        expected: Mapping[Metric, Score],
    ) -> dict[Metric, Score]:
        """Return the expected scores, with the correlation of predictions that spread so far.

        Where they spread less than on the holdout, errors of the same size leave a smaller one
        (Thorndike, Personnel Selection, 1949, case 2).
        """
        if not {"correlation", "rmse"} <= {*expected}:
            return dict(expected)
        rows, centres = counts[:, 1:].sum(axis=1), self.residuals.centres()
        weights = rows / max(rows.sum(), 1)
        mean = weights @ centres
        spread = float(weights @ ((centres - mean) ** 2 + self.residuals.variances()))
        once, error = expected["correlation"], expected["rmse"].value ** 2
        here = (spread / (spread + error)) ** 0.5 if spread + error > 0 else 1.0
        less = min(here - once.value, 0.0)
        ends = once.low + less, once.high + less
        return {**expected, "correlation": Score(once.value + less, *ends)}

    def pair_places(self, outcome: np.ndarray, answers: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return each row's bin of the prediction, and its place on one of three sides in it.

        These are of outcomes within the interval, beyond it, and of answers without one.
        """
        prediction = answers[PREDICTION].astype("float64")
        places = self.residuals.places(outcome, prediction, PAIRED)
        unknown = np.full(len(outcome), np.nan)
        low, high = (answers.get(name, unknown).astype("float64") for name in (LOW, HIGH))
        without = np.isnan(low) | np.isnan(high)
        side = np.where(without, 2, ~((low <= outcome) & (outcome <= high)))
        return np.where(np.isnan(outcome), places, places + RESIDUALS * side)

    def compare(self, pairs: PlacePairs, seed: int, fewest: int) -> tuple[int, Comparison | None]:
        """Compare two bundles on the rows whose outcome is known.

        The coverage is known where both have given each of these an interval.
        """
        known, measure = pairs.own % PAIRED > 0, self.residuals.measure
        received, held, are_enough = pairs.counted(known, fewest)
        if not are_enough:
            return received, None
        nothing = np.zeros(len(held))
        sides = [self.residuals.of_pairs(each[known]) for each in (pairs.own, pairs.theirs)]
        own, theirs = (metrics.score_counts(measure, nothing, s, held, seed) for s in sides)
        differences = metrics.difference_counts(measure, nothing, (sides[1], sides[0]), held, seed)
        return received, Comparison(own, theirs, differences)


def _score(value: float, error: float) -> Score:
    reach = metrics.NORMAL_95 * error
    return Score(value, value - reach, value + reach)
