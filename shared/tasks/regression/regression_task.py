"""A target that is a number: what is answered is a prediction, with an interval where asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa

from shared.errors import Refusal
from shared.kinds import Kind, Metric
from shared.log_columns import OUTCOME, PREDICTION
from shared.schema.contract import ContractColumn
from shared.settings import Settings
from shared.tasks.answer_plan import AnswerPlan
from shared.tasks.metrics import Measure
from shared.tasks.outcome_statistics import Bias, Share, Trait
from shared.tasks.regression import (
    intervals,
    prediction_bins,
    regression_diagnostics,
    regression_metrics,
)
from shared.tasks.regression.intervals import HIGH, LOW, Intervals, interval_shares
from shared.tasks.regression.regression_diagnostics import RegressionDiagnostics
from shared.tasks.regression.regression_metrics import predictions
from shared.tasks.task import AnswerColumn, Diagnostics, Rows, Rule, Task, TaskWords
from shared.tasks.traits import SLOPE, residual_traits, slope
from shared.words import in_form, number_of

# Of all constants the mean is the best by these, and the median by the others.
MEAN_IS_BEST: frozenset[Metric] = frozenset({"rmse", "r2", "mean_error"})
# A smaller group's median is no better known than the overall one.
FEWEST_ROWS = 20
WORDS = TaskWords(
    scores="predictions",
    as_before="as exact as on the holdout",
    observed="mean outcome",
    predicted="mean prediction",
    unit="on average",
    form=",.4g",
)


class Point(Rule):
    """The prediction is what the model gives, and has no interval."""

    kind: Literal["point"] = "point"


@dataclass(frozen=True)
class Regression(Task):
    """The task of a target that is a number. Scores are predictions, shape (rows,).

    Intervals are to hold a share `coverage` of the outcomes; without one there are none.
    """

    coverage: float | None = None
    kind: Kind = "regression"
    score_names: tuple[str, ...] = (PREDICTION,)
    watched_names: tuple[str, ...] = (PREDICTION,)
    importance_metric: tuple[str, str] = ("neg_mean_absolute_error", "MAE")
    words: TaskWords = WORDS
    report: str = "numbers"

    @property
    def judged(self) -> tuple[Metric, ...]:
        """How far off predictions are, whether they follow outcomes, and what intervals hold."""
        names = ("mae", "rmse", "correlation")
        return names if self.coverage is None else (*names, "coverage")

    @property
    def judged_in_slices(self) -> tuple[Metric, ...]:
        """All but the correlation: within a slice it varies from one day to the next."""
        return tuple(name for name in self.judged if name != "correlation")

    @property
    def aims(self) -> Mapping[Metric, float]:
        """The share of the outcomes that intervals are to hold."""
        return {} if self.coverage is None else {"coverage": self.coverage}

    @property
    def counted_names(self) -> tuple[str, ...]:
        """The prediction, and the ends of its interval."""
        return tuple(column.name for column, _ in self.columns)

    @property
    def columns(self) -> tuple[AnswerColumn, ...]:
        """The prediction, missing where the model gives no finite number; and its interval."""
        share = None if self.coverage is None else f"{100 * self.coverage:g}%"
        meanings = {PREDICTION: "what the model predicts"}
        if share:
            meanings[LOW] = f"the low end of the interval that is to hold {share} of the outcomes"
            meanings[HIGH] = "the high end of the interval"
        return tuple(
            AnswerColumn(ContractColumn(name=name, type="number", nullable=True), meaning)
            for name, meaning in meanings.items()
        )

    @property
    def measure(self) -> Measure:
        """The metrics of predictions, and of intervals where there are some."""
        return partial(regression_metrics.measure, coverage=self.coverage)

    def encode(self, values: pd.Series) -> pd.Series:
        """Return the target in double precision: smaller numbers wrap, or lose what they hold."""
        return values.astype("float64")

    def decode(self, values: pd.Series) -> pd.Series:
        """Return numbers as they are."""
        return values

    def split_fault(self, target: pd.Series) -> str | None:
        """Ask for finite values that differ."""
        if np.isinf(target).any():
            return f"infinite values of {target.name!r}"
        distinct = target.nunique()
        few = number_of(distinct, "value")
        return f"{few} of {target.name!r}; two are needed" if distinct < 2 else None

    def can_score(self, target: np.ndarray) -> bool:
        """Tell whether there are rows from which an error's spread is known."""
        return len(target) > 1

    def span_facts(self, target: pd.Series) -> dict[str, str]:
        """Return the median, and between which values most are."""
        low, high, median = (
            in_form(number, WORDS.form)
            for number in (*target.quantile([0.05, 0.95]), target.median())
        )
        return {"Median": median, "90% within": f"{low} to {high}"}

    def plan_answers(self, table: pa.Table, target: str) -> AnswerPlan:
        """Return bins that the history's predictions fill evenly, and the scale of its errors."""
        return prediction_bins.plan_answers(table, target, self.coverage)

    def target_facts(self, target: pd.Series) -> dict[str, float]:
        """Return the mean, the median and the standard deviation."""
        known = target.astype("float64")
        return {
            "mean outcome": float(known.mean()),
            "median outcome": float(known.median()),
            "standard deviation": float(known.std()),
        }

    def baseline(self, train: pd.DataFrame, rows: pd.DataFrame, settings: Settings) -> np.ndarray:
        """Return the median of each row's group in the training rows, or its mean where models are
        chosen by squared errors: no constant is better by the metric.

        Small groups, and unseen ones, get that of all rows.
        """
        middle = "mean" if settings.select_by in MEAN_IS_BEST else "median"
        overall = float(train[settings.target].agg(middle))
        if not settings.baseline:
            return np.full(len(rows), overall)
        groups = list(settings.baseline)
        found = train.groupby(groups, dropna=False)[settings.target].agg([middle, "count"])
        middles = found[middle].where(found["count"] >= FEWEST_ROWS).rename("middle")
        joined = rows[groups].merge(middles, left_on=groups, right_index=True, how="left")
        return joined["middle"].fillna(overall).to_numpy("float64")

    def choose_rule(
        self, rows: pd.DataFrame, scores: np.ndarray, settings: Settings
    ) -> Point | Intervals:
        """Return the intervals that these rows' errors ask for, where the settings ask for some.

        Raises `Refusal` where a row has no finite prediction: no metric is defined there.
        """
        if lacking := int(np.isnan(scores).sum()):
            raise Refusal(
                f"the model predicts no finite number for {lacking:,} of "
                f"{number_of(len(rows), 'row')}"
            )
        if settings.interval is None:
            return Point()
        residual = rows[settings.target].to_numpy("float64") - scores
        return intervals.conformal(scores, residual, rows, settings.interval)

    def scores(self, model: Any, inputs: pd.DataFrame | np.ndarray) -> np.ndarray:
        """Return predictions; NaN for one that is not finite."""
        if not len(inputs):
            return np.empty(0)
        found = np.asarray(model.predict(inputs), dtype="float64").ravel()
        if len(found) != len(inputs):
            raise ValueError(f"the model gives {len(found):,} numbers for {len(inputs):,} rows")
        return np.where(np.isfinite(found), found, np.nan)

    def answers(self, scores: np.ndarray, rule: Rule, rows: Rows) -> dict[str, np.ndarray]:
        """Return predictions and the ends of their intervals, missing where the rule has none."""
        if self.coverage is None:
            return {PREDICTION: scores}
        nothing = np.full(len(scores), np.nan)
        ends = rule.ends(scores, rows) if isinstance(rule, Intervals) else (nothing, nothing)
        return {PREDICTION: scores, LOW: ends[0], HIGH: ends[1]}

    def measured(self, scores: np.ndarray, rule: Rule, rows: Rows) -> np.ndarray:
        """Return predictions, and beside them the ends of intervals where the rule has some."""
        if self.coverage is None or not isinstance(rule, Intervals):
            return scores
        return np.column_stack([scores, *rule.ends(scores, rows)])

    def scores_of(self, measured: np.ndarray) -> np.ndarray:
        """Return the predictions."""
        return predictions(measured)

    def bias(self, target: np.ndarray, measured: np.ndarray) -> Bias:
        """Return the mean outcome and the mean prediction."""
        prediction = predictions(measured)
        rows, residual = len(target), target - prediction
        variances = float(np.sum((residual - residual.mean()) ** 2))
        return Bias(float(target.mean()), float(prediction.mean()), rows, variances)

    def shares(self, target: np.ndarray, measured: np.ndarray) -> dict[str, Share]:
        """Return the outcomes above and below their intervals, where there are some."""
        if self.coverage is None or measured.ndim == 1:
            return {}
        above, below = (target > measured[:, 2]).sum(), (target < measured[:, 1]).sum()
        return interval_shares(int(above), int(below), len(target), self.coverage)

    def traits(self, target: np.ndarray, measured: np.ndarray) -> dict[str, Trait]:
        """Return how outcomes follow predictions, and how far they are from them."""
        prediction, each = predictions(measured), np.ones(len(target))
        found = residual_traits(target - prediction, each)
        return {SLOPE: slope(target, prediction, each)} | found

    def losses(self, target: np.ndarray, measured: np.ndarray) -> np.ndarray:
        """Return how far each outcome is from its prediction."""
        return np.asarray(np.abs(target - predictions(measured)))

    def diagnose(
        self,
        target: np.ndarray,
        measured: np.ndarray,
        rule: Rule,
        moments: np.ndarray | None = None,
    ) -> RegressionDiagnostics:
        """Return residuals over all, by prediction and over time, and what intervals hold."""
        coverage = rule.coverage if isinstance(rule, Intervals) else None
        return regression_diagnostics.diagnose(target, measured, coverage, moments)

    def figure(self, diagnostics: Diagnostics) -> Any:
        """Draw predictions beside outcomes, residuals, and errors or what intervals hold."""
        from shared.tasks.regression import regression_figure

        assert isinstance(diagnostics, RegressionDiagnostics)
        return regression_figure.figure(diagnostics)

    def curves(self, named: Mapping[str, Any]) -> Any:
        """Draw the curves of several models in one picture."""
        from shared.tasks.regression import regression_figure

        return regression_figure.curves(named)

    def describe(self, diagnostics: Diagnostics, rows: int) -> str:
        """Return the mean and the median outcome."""
        assert isinstance(diagnostics, RegressionDiagnostics)
        mean, median = (
            in_form(number, WORDS.form) for number in (diagnostics.mean, diagnostics.median)
        )
        return f"with outcomes of {mean} on average ({median} median)"

    def report_frame(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return double numbers of rows that have both: Evidently drops others without a word."""
        numbers = frame[[OUTCOME, PREDICTION]].astype("float64")
        finite = np.isfinite(numbers.to_numpy()).all(axis=1)
        return numbers.loc[finite].reset_index(drop=True)
