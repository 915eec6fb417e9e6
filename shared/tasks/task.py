"""What every kind of answer gives: a task answers, and is judged by metrics.

`scores` are what a model gives of rows, float64, of shape (rows,) or (rows, columns), and all that
is answered follows from them by a rule that was chosen on rows that the model had not seen. A
target is a number for each row, of shape (rows,), as `encode` makes it.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, Protocol

import numpy as np
import pandas as pd
import pyarrow as pa
from pydantic import BaseModel, ConfigDict

from shared.kept import Kept
from shared.kinds import Kind, Metric
from shared.policies.impressions import Impressions
from shared.schema.contract import ContractColumn
from shared.settings import Settings
from shared.tasks.answer_plan import AnswerPlan
from shared.tasks.metrics import Measure, Score
from shared.tasks.outcome_statistics import Bias, Share, Trait


class Rows(Protocol):
    """Rows whose features are found by name: a frame, an Arrow table, a dict of columns."""

    def __getitem__(self, name: Any, /) -> Any:
        """Return a column."""


class Rule(BaseModel):
    """How answers are made of scores; a bundle's manifest has it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Diagnostics(Kept):
    """What an evaluation shows of a model beside its metrics."""


class AnswerColumn(NamedTuple):
    """A column of an answer, as a contract has columns; and what it means to who asks."""

    column: ContractColumn
    meaning: str


class SeenBy(NamedTuple):
    """What says of answered rows which chance they had to be shown, or their outcome to be seen.

    These are `columns` of an answer. `weights` makes of them how many times as likely each row is
    under a policy that gives all the same chance, shape (rows,), which people call `fair`.
    """

    columns: tuple[str, ...]
    fair: str
    weights: Callable[[Rows], np.ndarray]


class TaskWords(NamedTuple):
    """How people speak of one kind of answers, within a sentence.

    `scores` are what a model gives ("probabilities"), `as_before` how they were on the holdout.
    `observed` is what a bias is of ("share of true outcomes"), `predicted` what it is held against,
    `unit` what they are in, and `form` how they are written (a format's specification). `shown` is
    what to know of metrics that are shown and not judged, where there are any.
    """

    scores: str
    as_before: str
    observed: str
    predicted: str
    unit: str
    form: str
    shown: str = ""


class Task(Protocol):
    """One kind of answer: frozen, and without a state.

    Unless a kind says otherwise, each outcome is seen, all rows count alike, and its answers decide
    nothing that is shown.
    """

    @property
    def kind(self) -> Kind:
        """Its name in the settings."""

    @property
    def judged(self) -> tuple[Metric, ...]:
        """The metrics that a model in production is held to."""

    @property
    def aims(self) -> Mapping[Metric, float]:
        """What metrics are to be near, neither less nor more, where the settings ask for it."""
        return {}

    @property
    def judged_in_slices(self) -> tuple[Metric, ...]:
        """Those of them that each slice is held to."""

    @property
    def columns(self) -> tuple[AnswerColumn, ...]:
        """The columns of an answer; what a row lacks of them is missing."""

    @property
    def score_names(self) -> tuple[str, ...]:
        """The columns of an answer that are a model's scores, in their order."""

    @property
    def counted_names(self) -> tuple[str, ...]:
        """The columns of an answer by which it is counted beside its outcome."""

    @property
    def watched_names(self) -> tuple[str, ...]:
        """The columns of an answer that are watched as the features are."""

    @property
    def seen_by(self) -> SeenBy | None:
        """What says how likely rows were seen; None where all are, whatever is answered."""
        return None

    @property
    def words(self) -> TaskWords:
        """How people speak of its answers."""

    @property
    def report(self) -> str:
        """The name of Evidently's report on its quality."""

    @property
    def measure(self) -> Measure:
        """The metrics."""

    @property
    def measure_of_slices(self) -> Measure:
        """Those of the metrics that each slice is held to, which take less than all."""
        measure: Callable[..., dict[Metric, np.ndarray]] = self.measure
        return partial(measure, names=self.judged_in_slices)

    @property
    def importance_metric(self) -> tuple[str | Callable[..., float], str]:
        """What permutation importance is measured in: scikit-learn's scorer, and our words."""

    def encode(self, values: pd.Series) -> pd.Series:
        """Return the target's values as models learn them; none is missing."""

    def decode(self, values: pd.Series) -> pd.Series:
        """Return values that models learn as the contract has them, for people and reports."""

    def split_fault(self, target: pd.Series) -> str | None:
        """Return what a part of the rows lacks to learn from or to judge by, else None."""

    def can_score(self, target: np.ndarray) -> bool:
        """Tell whether a target has what metrics need."""

    def span_facts(self, target: pd.Series) -> dict[str, str]:
        """Describe a part's target in words, by what they are of."""

    def plan_answers(self, table: pa.Table, target: str) -> AnswerPlan:
        """Plan how answers are counted, by a history with their columns and the target."""

    def target_facts(self, target: pd.Series) -> dict[str, float]:
        """Describe a table's target, known values as the contract has them, in numbers."""

    def learnable(self, target: np.ndarray, seen: np.ndarray) -> np.ndarray:
        """Tell which of a target's values a model could learn that has `seen` these."""
        return np.ones(len(target), dtype=bool)

    def baseline(self, train: pd.DataFrame, rows: pd.DataFrame, settings: Settings) -> np.ndarray:
        """Return what metrics measure of answers without a model: what is usual in the group."""

    def counts(self, rows: pd.DataFrame, settings: Settings) -> np.ndarray | None:
        """Return how much each row counts where models are judged; None where all count alike."""
        return None

    def choose_rule(self, rows: pd.DataFrame, scores: np.ndarray, settings: Settings) -> Any:
        """Choose the rule on rows with their target that the model has not seen."""

    def scores(self, model: Any, inputs: pd.DataFrame | np.ndarray) -> np.ndarray:
        """Return what a model gives of its inputs."""

    def answers(self, scores: np.ndarray, rule: Rule, rows: Rows) -> dict[str, np.ndarray]:
        """Return the columns of answers; `rows` are those that the scores are of."""

    def measured(self, scores: np.ndarray, rule: Rule, rows: Rows) -> np.ndarray:
        """Return what the metrics measure of answers: shape (rows,) or (rows, columns)."""

    def scores_of(self, measured: np.ndarray) -> np.ndarray:
        """Return the scores that something was measured of."""

    def bias(self, target: np.ndarray, measured: np.ndarray) -> Bias:
        """Return the bias of answers."""

    def shares(self, target: np.ndarray, measured: np.ndarray) -> dict[str, Share]:
        """Return the kinds of outcomes that answers foretell, as counts have them."""

    def traits(self, target: np.ndarray, measured: np.ndarray) -> dict[str, Trait]:
        """Return the traits of answers, as counts have them."""

    def losses(self, target: np.ndarray, measured: np.ndarray) -> np.ndarray:
        """Return what each row's answer has cost, the more the worse; shape (rows,)."""

    def diagnose(
        self,
        target: np.ndarray,
        measured: np.ndarray,
        rule: Rule,
        moments: np.ndarray | None = None,
    ) -> Any:
        """Return what an evaluation shows of answers, given when rows were (s since 1970, UTC)."""

    def figure(self, diagnostics: Diagnostics) -> Any:
        """Draw diagnostics."""

    def curves(self, named: Mapping[str, Any]) -> Any:
        """Draw the curves of several models' diagnostics, by their names, in one picture."""

    def describe(self, diagnostics: Diagnostics, rows: int) -> str:
        """Say what the rows were like that a model was judged on, within a sentence."""

    def impressions(self, rows: Rows) -> Impressions | None:
        """Return what answered rows with an `outcome` say of slates; None where there are none."""
        return None

    def slate_scores(self, rows: Impressions | None, seed: int) -> dict[Metric, Score]:
        """Score the order of slates whose outcomes have all come; nothing where there are none."""
        return {}

    def report_frame(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return `outcome` and the columns of answers as Evidently takes them."""


def chance_column(name: str, *, nullable: bool = False) -> ContractColumn:
    """Return an answer's column of chances."""
    return ContractColumn(
        name=name, type="number", nullable=nullable, minimum=0, maximum=1, outside="refuse"
    )


def stacked(columns: Mapping[str, np.ndarray], names: Sequence[str]) -> np.ndarray:
    """Return columns of scores as one array: shape (rows,), or (rows, columns) of several."""
    found = [columns[name] for name in names]
    return found[0] if len(found) == 1 else np.stack(found, axis=1)
