"""A target that is true or false: what is answered is the probability of its being true."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
import pandas as pd
import pyarrow as pa

from shared.kept import Kept
from shared.policies.impressions import Impressions
from shared.profiles.counting_plan import AnswerPlan
from shared.schema.contract import ContractColumn
from shared.schema.log_columns import PREDICTION, PROBABILITY
from shared.settings import Settings
from shared.tasks import binary_metrics
from shared.tasks.kinds import Kind, Metric
from shared.tasks.metrics import Measure, Score
from shared.tasks.outcome_statistics import Bias, Share, Trait
from shared.tasks.task import AnswerColumn, Diagnostics, Rows, Rule, SeenBy, TaskWords
from shared.tasks.traits import probability_traits, share_traits
from shared.words import number_of

# Rows that pull a small group's base rate towards the overall one.
PSEUDO_ROWS = 20
CURVE_POINTS = 200
Points = tuple[list[float], list[float]]


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


class CalibrationBin(Kept):
    """Some of the rows in the order of their probability: its mean, and the share of positives."""

    predicted: float
    observed: float
    rows: int


class BinaryDiagnostics(Diagnostics):
    """How probabilities order rows, and how well calibrated they are; of the rows so many are true.

    `confusion` counts rows by outcome, then prediction at the `threshold`; `curves` holds the
    points (x, y) of `roc` and `precision_recall`.
    """

    kind: Literal["binary"] = "binary"
    positives: int
    threshold: float
    calibration: tuple[CalibrationBin, ...] = ()
    confusion: tuple[tuple[int, int], tuple[int, int]]
    curves: dict[str, Points]


@dataclass(frozen=True)
class Binary:
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
    def seen_by(self) -> SeenBy | None:
        """Nothing: all outcomes are seen."""
        return None

    @property
    def aims(self) -> Mapping[Metric, float]:
        """None: of these metrics, more or less is better."""
        return {}

    @property
    def columns(self) -> tuple[AnswerColumn, ...]:
        """The prediction, and its probability."""
        return (
            AnswerColumn(
                ContractColumn(name=PREDICTION, type="boolean"),
                "whether the probability reaches the bundle's threshold",
            ),
            AnswerColumn(
                ContractColumn(
                    name=PROBABILITY, type="number", minimum=0, maximum=1, outside="refuse"
                ),
                "of the target being true",
            ),
        )

    @property
    def measure(self) -> Measure:
        """The metrics of probabilities."""
        return binary_metrics.measure

    @property
    def measure_of_slices(self) -> Measure:
        """Those of the metrics that slices are held to."""
        return partial(binary_metrics.measure, names=self.judged_in_slices)

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

    def learnable(self, target: np.ndarray, seen: np.ndarray) -> np.ndarray:
        """Return the target: whatever it is could be learnt."""
        return target

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

    def counts(self, rows: pd.DataFrame, settings: Settings) -> np.ndarray | None:
        """Return None: all rows count alike."""
        return None

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
        variances = float(np.sum(measured * (1 - measured)))
        return Bias(target.mean(), measured.mean(), len(target), variances)

    def shares(self, target: np.ndarray, measured: np.ndarray) -> dict[str, Share]:
        """Return the true ones."""
        return {"": Share(float(target.sum()), float(measured.sum()))}

    def traits(self, target: np.ndarray, measured: np.ndarray) -> dict[str, Trait]:
        """Return how outcomes follow probabilities, and how often they are true."""
        found = probability_traits(measured, 1.0 - target, target)
        return found | share_traits(self.shares(target, measured))

    def losses(self, target: np.ndarray, measured: np.ndarray) -> np.ndarray:
        """Return how far each outcome is from its probability."""
        return np.asarray(np.abs(target - measured))

    def diagnose(
        self,
        target: np.ndarray,
        measured: np.ndarray,
        rule: Rule,
        moments: np.ndarray | None = None,
    ) -> BinaryDiagnostics:
        """Return calibration, confusion and curves."""
        from sklearn.metrics import confusion_matrix

        assert isinstance(rule, Threshold)
        predicted = measured >= rule.threshold
        bins = binary_metrics.calibration(target, measured)
        return BinaryDiagnostics(
            positives=int(target.sum()),
            threshold=rule.threshold,
            calibration=tuple(map(CalibrationBin.model_validate, bins)),
            confusion=confusion_matrix(target, predicted, labels=[0, 1]).tolist(),
            curves=_curves(target, measured),
        )

    def figure(self, diagnostics: Diagnostics) -> Any:
        """Draw the curves, the calibration and the confusion matrix."""
        from shared import cards

        assert isinstance(diagnostics, BinaryDiagnostics)
        chance = {"color": cards.QUIET, "lw": 0.8, "ls": ":"}
        figure, (roc, recall, calibration, confusion) = cards.figure(11, 3.0, columns=4)
        roc.plot(*diagnostics.curves["roc"])
        roc.plot([0, 1], [0, 1], **chance)
        roc.set(title="ROC", xlabel="False positive rate", ylabel="True positive rate")
        recall.plot(*diagnostics.curves["precision_recall"])
        recall.axhline(diagnostics.positives / sum(map(sum, diagnostics.confusion)), **chance)
        recall.set(title="Precision and recall", xlabel="Recall", ylabel="Precision", ylim=(0, 1))
        predicted = [one.predicted for one in diagnostics.calibration]
        observed = [one.observed for one in diagnostics.calibration]
        calibration.plot(predicted, observed, marker="o", ms=4)
        top = 1.05 * max(*predicted, *observed, 0.1)
        calibration.plot([0, top], [0, top], **chance)
        calibration.set(title="Calibration", xlabel="Predicted", ylabel="Observed")
        _plot_confusion(confusion, diagnostics)
        return figure

    def curves(self, named: Mapping[str, Any]) -> Any:
        """Draw the curves of several models in one picture."""
        from shared.tasks import curves

        return curves.binary(named)

    def describe(self, diagnostics: Diagnostics, rows: int) -> str:
        """Return how many of the rows are positive."""
        assert isinstance(diagnostics, BinaryDiagnostics)
        return f"{diagnostics.positives / rows:.1%} of them positive"

    def impressions(self, rows: Rows) -> Impressions | None:
        """None: what is answered decides nothing that is shown."""
        return None

    def slate_scores(self, rows: Impressions | None, seed: int) -> dict[Metric, Score]:
        """Return none: there are no slates."""
        return {}

    def report_frame(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return labels as whole numbers: Evidently takes neither booleans nor floats for them."""
        labels = ["outcome", PREDICTION]
        return frame.astype(dict.fromkeys(labels, "float64")).astype(dict.fromkeys(labels, "int64"))


def _curves(target: np.ndarray, probability: np.ndarray) -> dict[str, Points]:
    from sklearn.metrics import precision_recall_curve, roc_curve

    fall_out, recall, _ = roc_curve(target, probability)
    precision, sensitivity, _ = precision_recall_curve(target, probability)
    return {
        "roc": _thinned(fall_out, recall),
        "precision_recall": _thinned(sensitivity[::-1], precision[::-1]),
    }


def _thinned(x: np.ndarray, y: np.ndarray) -> Points:
    at = np.unique(np.linspace(0, len(x) - 1, CURVE_POINTS).astype(int))
    return x[at].tolist(), y[at].tolist()


def _plot_confusion(axes: Any, diagnostics: BinaryDiagnostics) -> None:
    counts = diagnostics.confusion
    axes.imshow(counts, cmap="Blues", vmax=1.3 * max(map(max, counts)))
    for row, column in itertools.product((0, 1), (0, 1)):
        axes.text(column, row, f"{counts[row][column]:,}", ha="center", va="center")
    axes.set_xticks([0, 1], ["false", "true"])
    axes.set_yticks([0, 1], ["false", "true"])
    title = f"At threshold {diagnostics.threshold:.2f}"
    axes.set(title=title, xlabel="Predicted", ylabel="Observed")
