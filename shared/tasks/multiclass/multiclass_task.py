"""A target of 3 to 50 classes: what is answered is a class, and the probability of each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from shared.errors import Refusal
from shared.kinds import Kind, Metric
from shared.log_columns import PREDICTION, PROBABILITY
from shared.schema import arrow
from shared.schema.contract import ContractColumn, listed
from shared.schema.reading import read_series
from shared.settings import Settings
from shared.tasks.answer_plan import AnswerPlan
from shared.tasks.metrics import Measure
from shared.tasks.multiclass import multiclass_diagnostics, multiclass_metrics, multiclass_rules
from shared.tasks.multiclass.class_shares import class_shares, furthest_share, group_shares
from shared.tasks.multiclass.classes import column_names
from shared.tasks.multiclass.multiclass_diagnostics import MulticlassDiagnostics
from shared.tasks.multiclass.multiclass_rules import LeastCost, MostProbable
from shared.tasks.outcome_statistics import Bias, Share, Trait
from shared.tasks.task import AnswerColumn, Diagnostics, Rows, Rule, Task, TaskWords, chance_column
from shared.tasks.traits import SLOPE, classes_slope, share_traits
from shared.words import number_of

MOST_SHARES = 5

WORDS = TaskWords(
    scores="probabilities",
    as_before="as well calibrated as on the holdout",
    observed="share of one class",
    predicted="predicted share",
    unit="of outcomes",
    form=".1%",
)


@dataclass(frozen=True)
class Multiclass(Task):
    """The task of a target of several classes. Scores are probabilities, shape (rows, classes).

    It is judged by log loss, by weighted F1 and by weighted ROC AUC: of its probabilities, its
    decisions and its order, which lasts where the shares of the classes vary. Macro averages would
    jump whenever a rare class does not come in a window, or comes once.
    """

    classes: tuple[str, ...]
    kind: Kind = "multiclass"
    judged: tuple[Metric, ...] = ("log_loss", "weighted_f1", "weighted_roc_auc")
    judged_in_slices: tuple[Metric, ...] = ("log_loss", "weighted_f1")
    watched_names: tuple[str, ...] = (PREDICTION, PROBABILITY)
    words: TaskWords = WORDS
    report: str = "classification of many"

    @property
    def score_names(self) -> tuple[str, ...]:
        """The columns of the classes' probabilities."""
        return column_names(self.classes)

    @property
    def counted_names(self) -> tuple[str, ...]:
        """The prediction, which costs may have decided, and the probabilities."""
        return (PREDICTION, *self.score_names)

    @property
    def columns(self) -> tuple[AnswerColumn, ...]:
        """The class, its probability, and the probability of each class."""
        each = zip(self.score_names, self.classes, strict=True)
        return (
            AnswerColumn(
                ContractColumn(name=PREDICTION, type="category", categories=self.classes),
                "the class that the bundle's rule decides for",
            ),
            AnswerColumn(chance_column(PROBABILITY), "of the predicted class"),
            *(AnswerColumn(chance_column(name), f"of the class {text!r}") for name, text in each),
        )

    @property
    def measure(self) -> Measure:
        """The metrics of probabilities and decisions."""
        return partial(multiclass_metrics.measure, classes=len(self.classes))

    @property
    def importance_metric(self) -> tuple[str | Callable[..., float], str]:
        """Our own log loss: scikit-learn's fails where rows lack a class."""
        return self._negative_log_loss, "log loss"

    def encode(self, values: pd.Series) -> pd.Series:
        """Return the places of values among the classes as int64, -1 for one that is unknown."""
        column = ContractColumn(name=str(values.name), type="category")
        codes, _ = arrow.codes(read_series(values, column).values, self.classes)
        codes = np.where(codes == len(self.classes), -1, codes)
        return pd.Series(codes, index=values.index, name=values.name)

    def decode(self, codes: pd.Series) -> pd.Series:
        """Return the classes of codes; None of what is unknown."""
        return pd.Series(self._names(codes.to_numpy("int64")), index=codes.index, name=codes.name)

    def split_fault(self, target: pd.Series) -> str | None:
        """Ask for two classes, and for none that the contract does not list."""
        if strange := int((target < 0).sum()):
            return f"{strange:,} of a class of {target.name!r} that the contract does not list"
        classes = target.nunique()
        few = number_of(classes, "class", "classes")
        return f"{few} of {target.name!r}; two are needed" if classes < 2 else None

    def can_score(self, target: np.ndarray) -> bool:
        """Tell whether there are two classes that are known."""
        return len(np.unique(target[target >= 0])) > 1

    def span_facts(self, target: pd.Series) -> dict[str, str]:
        """Return the most frequent class, and those without a row."""
        counts = np.bincount(target[target >= 0], minlength=len(self.classes))
        lacking = [text for text, rows in zip(self.classes, counts, strict=True) if not rows]
        most = int(np.argmax(counts))
        name = listed([self.classes[most]])
        return {
            "Most frequent": f"{name} {counts[most] / max(1, len(target)):.1%}",
            "Classes without a row": listed(lacking) or "none",
        }

    def plan_answers(self, table: pa.Table, target: str) -> AnswerPlan:
        """Return the plan of these classes."""
        return AnswerPlan(kind="multiclass", classes=self.classes)

    def target_facts(self, target: pd.Series) -> dict[str, float]:
        """Return the shares of the most frequent classes."""
        shares = target.map(str).value_counts(normalize=True)
        return {f"share of {text}": float(share) for text, share in shares[:MOST_SHARES].items()}

    def learnable(self, target: np.ndarray, seen: np.ndarray) -> np.ndarray:
        """Tell which are of a class that was seen.

        A model gives another one no chance, and its log loss would be that of these rows alone.
        """
        return np.isin(target, seen)

    def baseline(self, train: pd.DataFrame, rows: pd.DataFrame, settings: Settings) -> np.ndarray:
        """Return the classes' shares in each row's group, and what costs decide by these."""
        names = list(self.score_names)
        shares = group_shares(train, rows, names, settings)
        return self.measured(shares, self.choose_rule(rows, shares, settings), rows)

    def choose_rule(
        self, rows: pd.DataFrame, scores: np.ndarray, settings: Settings
    ) -> MostProbable | LeastCost:
        """Return the rule of the settings' costs, or the most probable class without any."""
        return multiclass_rules.of_costs(settings.costs, self.classes)

    def scores(self, model: Any, inputs: pd.DataFrame | np.ndarray) -> np.ndarray:
        """Return the probability of each class; 0 of those that the model has never seen.

        Each row's sum is 1, also where the model's is not.
        """
        chances = np.zeros((len(inputs), len(self.classes)))
        if len(inputs):
            given = np.asarray(model.predict_proba(inputs), dtype="float64")
            chances[:, np.asarray(model.classes_, dtype="int64")] = given
        total = chances.sum(axis=1, keepdims=True)
        return np.divide(chances, total, out=chances, where=total > 0)

    def answers(self, scores: np.ndarray, rule: Rule, rows: Rows) -> dict[str, np.ndarray]:
        """Return the class, None where a score is NaN; its probability, and all of them."""
        codes = multiclass_rules.decided(scores, rule)
        chance = np.where(codes < 0, np.nan, scores[np.arange(len(codes)), codes])
        each = {name: scores[:, at] for at, name in enumerate(self.score_names)}
        return {PREDICTION: self._names(codes), PROBABILITY: chance, **each}

    def measured(self, scores: np.ndarray, rule: Rule, rows: Rows) -> np.ndarray:
        """Return the probabilities, and the code of the answered class where costs decide it."""
        if isinstance(rule, MostProbable):
            return scores
        return np.column_stack([scores, multiclass_rules.decided(scores, rule)])

    def scores_of(self, measured: np.ndarray) -> np.ndarray:
        """Return the probabilities."""
        return measured[:, : len(self.classes)]

    def placed(self, measured: np.ndarray, classes: tuple[str, ...]) -> np.ndarray:
        """Return what was measured of answers of other `classes`, in the order of these.

        Raises `Refusal` where one of them is not among these.
        """
        if gone := [text for text in classes if text not in self.classes]:
            raise Refusal(f"it answers classes that the target does not have: {listed(gone)}")
        places = [self.classes.index(text) for text in classes]
        chances = np.zeros((len(measured), len(self.classes)))
        chances[:, places] = measured[:, : len(classes)]
        if measured.shape[1] == len(classes):
            return chances
        # The code of what was decided, or -1.
        decided = np.array([*places, -1])[measured[:, -1].astype("int64")]
        return np.column_stack([chances, decided])

    def bias(self, target: np.ndarray, measured: np.ndarray) -> Bias:
        """Return the observed and the predicted share of the class where they differ most."""
        count = len(self.classes)
        chances = measured[:, :count]
        truth = np.where(target < 0, count, target).astype("int64")
        observed = np.bincount(truth, minlength=count + 1)
        predicted = np.append(chances.sum(axis=0), 0)
        variances = np.append((chances * (1 - chances)).sum(axis=0), 0)
        return furthest_share(observed, predicted, variances, len(target), self.classes)

    def shares(self, target: np.ndarray, measured: np.ndarray) -> dict[str, Share]:
        """Return each class that is known."""
        count = len(self.classes)
        observed = np.bincount(target[target >= 0].astype("int64"), minlength=count)
        return class_shares(observed, measured[:, :count].sum(axis=0), self.classes)

    def traits(self, target: np.ndarray, measured: np.ndarray) -> dict[str, Trait]:
        """Return how outcomes follow probabilities, and how often each class comes."""
        count = len(self.classes)
        chances, known = measured[:, :count], target >= 0
        own = target[known].astype("int64")[:, None] == np.arange(count)
        each = np.ones((count, len(own)))
        found = classes_slope(chances[known].T, each * ~own.T, each * own.T)
        return {SLOPE: found} | share_traits(self.shares(target, measured))

    def losses(self, target: np.ndarray, measured: np.ndarray) -> np.ndarray:
        """Return how far the probability of each outcome's class is from one."""
        own = measured[np.arange(len(target)), np.maximum(target, 0).astype("int64")]
        return np.where(target < 0, 1.0, 1 - own)

    def diagnose(
        self,
        target: np.ndarray,
        measured: np.ndarray,
        rule: Rule,
        moments: np.ndarray | None = None,
    ) -> MulticlassDiagnostics:
        """Return confusions, each class's quality, and calibration."""
        return multiclass_diagnostics.diagnose(target, measured, self.classes)

    def figure(self, diagnostics: Diagnostics) -> Any:
        """Draw the confusion matrix, each class's precision and recall, and calibration."""
        assert isinstance(diagnostics, MulticlassDiagnostics)
        return multiclass_diagnostics.figure(diagnostics)

    def curves(self, named: Mapping[str, Any]) -> Any:
        """Draw the curves of several models in one picture."""
        return multiclass_diagnostics.curves(named)

    def describe(self, diagnostics: Diagnostics, rows: int) -> str:
        """Return how many rows are of the largest class, and of those never learnt."""
        assert isinstance(diagnostics, MulticlassDiagnostics)
        largest = max(diagnostics.classes, key=lambda one: one.support)
        words = f"{largest.support / rows:.1%} of them {listed([largest.name])}"
        # What a model has learnt, it gives some chance in one row or another.
        new = [
            one
            for one in diagnostics.classes
            if one.support and not any(part.predicted for part in one.calibration)
        ]
        if not new:
            return words
        count, names = sum(one.support for one in new), listed(one.name for one in new)
        return f"{words}, and {count:,} of classes without a row to learn from ({names})"

    def report_frame(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return labels alone, as texts: Evidently fails on probabilities of an absent class."""
        return frame[["outcome", PREDICTION]].astype(str)

    def _names(self, codes: np.ndarray) -> np.ndarray:
        return np.array([*self.classes, None], dtype=object)[codes]

    def _negative_log_loss(self, model: Any, inputs: pd.DataFrame, target: np.ndarray) -> float:
        one, held = np.ones((1, len(target))), np.ones(len(target))
        found = self.measure(target, self.scores(model, inputs), one, held)
        return -float(found["log_loss"][0])
