"""A target that is true or false: what is answered is the probability of its being true."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from shared.kinds import Kind, Metric
from shared.log_columns import PREDICTION, PROBABILITY
from shared.schema.contract import ContractColumn
from shared.settings import Settings
from shared.tasks.answer_plan import AnswerPlan
from shared.tasks.binary import binary_diagnostics, binary_metrics
from shared.tasks.binary.binary_diagnostics import BinaryDiagnostics
from shared.tasks.metrics import Measure
from shared.tasks.outcome_statistics import Bias, Share, Trait
from shared.tasks.task import AnswerColumn, Diagnostics, Rows, Rule, Task, TaskWords, chance_column
from shared.tasks.traits import probability_traits, share_traits
from shared.words import number_of

# Rows that pull a small group's base rate towards the overall one.
PSEUDO_ROWS = 20


WORDS = TaskWords(
    scores="probabilities",
    as_before="as well calibrated as on the holdout",
    observed="share of true outcomes",
    predicted="predicted share",
    unit="of outcomes",
    form=".1%",
)


class Threshold(Rule):
    """The probability from which the prediction is true."""

    threshold: float


@dataclass(frozen=True)
class Binary(Task):
    """The task of a binary target. Scores are probabilities, shape (rows,)."""

    kind: Kind = "binary"
    # The order that it gives the rows, and its probabilities.
    judged: tuple[Metric, ...] = ("roc_auc", "log_loss")
    judged_in_slices: tuple[Metric, ...] = ("roc_auc", "log_loss")
    score_names: tuple[str, ...] = (PROBABILITY,)
    counted_names: tuple[str, ...] = (PROBABILITY,)
    watched_names: tuple[str, ...] = (PROBABILITY,)
    importance_metric: tuple[str, str] = ("roc_auc", "ROC AUC")
    words: TaskWords = WORDS
    report: str = "classification of two"

    @property
    def columns(self) -> tuple[AnswerColumn, ...]:
        """The prediction, and its probability."""
        return (
            AnswerColumn(
                ContractColumn(name=PREDICTION, type="boolean"),
                "whether the probability reaches the bundle's threshold",
            ),
            AnswerColumn(chance_column(PROBABILITY), "of the target being true"),
        )

    @property
    def measure(self) -> Measure:
        """The metrics of probabilities."""
        return binary_metrics.measure

    def encode(self, values: pd.Series) -> pd.Series:
        """Return the target as 0 and 1."""
        return values.astype("int64")

    def decode(self, values: pd.Series) -> pd.Series:
        """Return false and true, also of a target with texts of its own: 0 may be one of them."""
        return values.astype(bool)

    def split_fault(self, target: pd.Series) -> str | None:
        """Ask for both classes."""
        classes = target.nunique()
        few = number_of(classes, "class", "classes")
        return f"{few} of {target.name!r}; both are needed" if classes < 2 else None

    def can_score(self, target: np.ndarray) -> bool:
        """Tell whether there are both classes."""
        return bool(0 < target.mean() < 1)

    def span_facts(self, target: pd.Series) -> dict[str, str]:
        """Return the share of positives."""
        return {"Positive": f"{target.mean():.1%}"}

    def plan_answers(self, table: pa.Table, target: str) -> AnswerPlan:
        """Return the plan that all binary answers share."""
        return AnswerPlan()

    def target_facts(self, target: pd.Series) -> dict[str, float]:
        """Return the share of positives."""
        return {"share positive": float(target.astype("float64").mean())}

    def baseline(self, train: pd.DataFrame, rows: pd.DataFrame, settings: Settings) -> np.ndarray:
        """Return the base rate of each row's group in the training rows.

        Small groups are pulled towards the overall rate, and unseen ones get it.
        """
        counts = self.counts(train, settings)
        each = np.ones(len(train)) if counts is None else counts
        weighed = pd.DataFrame({"true": each * train[settings.target], "rows": each})
        overall = weighed["true"].sum() / weighed["rows"].sum()
        if not settings.baseline:
            return np.full(len(rows), overall, dtype="float64")
        groups = list(settings.baseline)
        sums = weighed.groupby([train[name] for name in groups], dropna=False).sum()
        rates = (sums["true"] + PSEUDO_ROWS * overall) / (sums["rows"] + PSEUDO_ROWS)
        named = rates.rename("rate")
        joined = rows[groups].merge(named, left_on=groups, right_index=True, how="left")
        return joined["rate"].fillna(overall).to_numpy("float64")

    def choose_rule(self, rows: pd.DataFrame, scores: np.ndarray, settings: Settings) -> Threshold:
        """Return the settings' threshold, or the one with the best F1 on these rows."""
        from sklearn.metrics import precision_recall_curve

        if settings.threshold != "best_f1":
            return Threshold(threshold=settings.threshold)
        precision, recall, thresholds = precision_recall_curve(
            rows[settings.target], scores, sample_weight=self.counts(rows, settings)
        )
        f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
        return Threshold(threshold=float(thresholds[int(np.argmax(f1[:-1]))]))

    def scores(self, model: Any, inputs: pd.DataFrame | np.ndarray) -> np.ndarray:
        """Return the probability of the target being true."""
        if not len(inputs):
            return np.empty(0)
        return np.asarray(model.predict_proba(inputs)[:, 1], dtype="float64")

    def answers(self, scores: np.ndarray, rule: Rule, rows: Rows) -> dict[str, np.ndarray]:
        """Return whether each probability reaches the threshold, which NaN does not; and itself."""
        assert isinstance(rule, Threshold)
        return {PREDICTION: scores >= rule.threshold, PROBABILITY: scores}

    def measured(self, scores: np.ndarray, rule: Rule, rows: Rows) -> np.ndarray:
        """Return the probabilities."""
        return scores

    def scores_of(self, measured: np.ndarray) -> np.ndarray:
        """Return the probabilities."""
        return measured

    def bias(self, target: np.ndarray, measured: np.ndarray) -> Bias:
        """Return the observed and the predicted share."""
        chance = self.scores_of(measured)
        variances = float(np.sum(chance * (1 - chance)))
        return Bias(target.mean(), chance.mean(), len(target), variances)

    def shares(self, target: np.ndarray, measured: np.ndarray) -> dict[str, Share]:
        """Return the true ones."""
        return {"": Share(float(target.sum()), float(self.scores_of(measured).sum()))}

    def traits(self, target: np.ndarray, measured: np.ndarray) -> dict[str, Trait]:
        """Return how outcomes follow probabilities, and how often they are true."""
        found = probability_traits(self.scores_of(measured), 1.0 - target, target)
        return found | share_traits(self.shares(target, measured))

    def losses(self, target: np.ndarray, measured: np.ndarray) -> np.ndarray:
        """Return how far each outcome is from its probability."""
        return np.asarray(np.abs(target - self.scores_of(measured)))

    def diagnose(
        self,
        target: np.ndarray,
        measured: np.ndarray,
        rule: Rule,
        moments: np.ndarray | None = None,
    ) -> BinaryDiagnostics:
        """Return calibration, confusion and curves."""
        assert isinstance(rule, Threshold)
        return binary_diagnostics.diagnose(target, self.scores_of(measured), rule.threshold)

    def figure(self, diagnostics: Diagnostics) -> Any:
        """Draw the curves, the calibration and the confusion matrix."""
        assert isinstance(diagnostics, BinaryDiagnostics)
        return binary_diagnostics.figure(diagnostics)

    def curves(self, named: Mapping[str, Any]) -> Any:
        """Draw the curves of several models in one picture."""
        return binary_diagnostics.curves(named)

    def describe(self, diagnostics: Diagnostics, rows: int) -> str:
        """Return how many of the rows are positive."""
        assert isinstance(diagnostics, BinaryDiagnostics)
        return f"{diagnostics.positives / rows:.1%} of them positive"

    def report_frame(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return labels as whole numbers: Evidently takes neither booleans nor floats for them."""
        labels = ["outcome", PREDICTION]
        return frame.astype(dict.fromkeys(labels, "float64")).astype(dict.fromkeys(labels, "int64"))
