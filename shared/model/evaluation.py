"""The evaluation: what TrainFlow finds a model to be worth on the holdout, as bundles carry it.

Runs and bundles keep it as a plain dict; `Evaluation.model_validate` reads those of older versions.
"""

from typing import Any

from pydantic import AliasChoices, Field, model_validator

from shared.kept import Kept
from shared.kinds import Metric
from shared.tasks.choice import AnyDiagnostics, AnyRule
from shared.tasks.metrics import Score
from shared.words import number_of


class HoldoutComparison(Kept):
    """Another's `scores` on the same rows; `difference` is the model's less these, paired."""

    scores: dict[Metric, Score]
    difference: dict[Metric, Score]


class SliceScores(Kept):
    """The holdout's rows with one value: what was observed and predicted of them, and scores.

    `of` is the class whose share was observed and predicted, where there are several.
    """

    slice: str
    rows: int
    small: bool
    observed: float
    predicted: float
    scores: dict[Metric, Score]
    of: str = ""


class GateResult(Kept):
    """What the settings ask of a model (`gate`), and whether it has it."""

    gate: str
    limit: float
    measured: float
    passed: bool

    @property
    def words(self) -> str:
        """The gate with its limit."""
        return f"{self.gate} {self.limit:g}"


class BehaviourTest(Kept):
    """What a check of the problem's own asserts of the model; why it fails, or what it found."""

    name: str
    passed: bool
    reason: str = ""


class SliceVariation(Kept):
    """How slices' scores vary around their own, pooled over all; `loss` is the largest of one."""

    blocks: int
    spread: dict[str, float]
    loss: dict[str, float]


class ShareVariation(Kept):
    """How many times as many outcomes of a kind were observed as were expected.

    `least` and `most` are of one span; `spread` is the standard deviation of its logarithm from
    zero, beyond chance.
    """

    least: float
    most: float
    spread: float


class TraitVariation(Kept):
    """What a trait was over so many `blocks`, on average, and how it varied beyond chance.

    `error` is the standard error that chance makes of it in one block. Its square distance from the
    mean grows by `wander` for each hour between the history's end and a window, and by `trend` for
    each such hour squared, as was seen up to a `gap` of so many hours.
    """

    mean: float
    spread: float
    blocks: int
    error: float = 0.0
    wander: float = 0.0
    trend: float = 0.0
    gap: float = 0.0


class ScoreVariation(Kept):
    """How scores vary over spans of so many `hours`, of which there were `blocks`.

    `spread` are standard deviations beyond what bootstrap intervals explain, `worst` the worst
    scores of one span. `slices` is None where too few could be scored. `shares` are by what they
    are of, and `traits` by their names. `estimates` are how far estimates before outcomes were off
    beyond their chance, of the metrics where they came as near as the scores of the rows before;
    None where too few spans could tell, or in an older bundle. `followed` is the share of their
    distance from the expected score that they go; what it does not name goes the whole of it.
    """

    hours: int
    blocks: int
    spread: dict[str, float]
    worst: dict[str, float]
    slices: SliceVariation | None = None
    shares: dict[str, ShareVariation] = {}
    traits: dict[str, TraitVariation] = {}
    estimates: dict[str, float] | None = None
    followed: dict[str, float] = {}


class FeatureImportance(Kept):
    """What is lost when a feature is shuffled, and its standard deviation over repeats."""

    feature: str
    loss: float = Field(validation_alias=AliasChoices("loss", "roc_auc"))
    spread: float


class OffPolicyComparison(Kept):
    """What slates would be worth beside the champion's, from the log of those shown `since` then.

    Values are clicks a shown position by self-normalised inverse propensity scores (SNIPS), of as
    many of each slate's first `positions` as the log can tell of. Where it cannot of any,
    `unsupported` says why.
    """

    since: str
    slates: int = 0
    positions: int = 0
    own: Score | None = None
    champion: Score | None = None
    difference: Score | None = None
    unsupported: str = ""

    @property
    def words(self) -> str:
        """What was found, in a line."""
        if not self.difference:
            return self.unsupported
        places = number_of(self.positions, "first position", "first positions")
        return (
            f"{self.own} clicks a position, the champion {self.champion}: {self.difference.signed},"
            f" of the {places} of {number_of(self.slates, 'slate')} shown since {self.since}"
        )


class ExploredComparison(Kept):
    """A model beside one of the same kind that has learnt from explored rows alone.

    Of `rows` so many were `explored`; the log loss of both is that of the `judged` held-out rows
    that were explored, and the `difference` the model's less the other's, paired. Where too few
    were, `unsupported` says so.
    """

    rows: int
    explored: int
    judged: int
    own: Score | None = None
    alone: Score | None = None
    difference: Score | None = None
    unsupported: str = ""

    @property
    def words(self) -> str:
        """What was found, in a line."""
        if not self.difference:
            return self.unsupported
        found = (
            f"log loss {self.own} on {self.judged:,} explored rows held out; learnt from the "
            f"{self.explored:,} explored of {self.rows:,} rows alone {self.alone}: "
            f"{self.difference.signed}"
        )
        if self.difference.low > 0:
            return (
                f"{found}. What was served misleads the model: weigh the rows ([train] weights = "
                '"inverse_propensity"), or explore more'
            )
        return f"{found}. That what was served misleads the model is not proven"


class Evaluation(Kept):
    """A model judged on the holdout, with the rule that its answers were made by.

    `comparisons` are with the `baseline` and, where there is one, the `champion`, whose digest
    stands under that name.
    """

    rows: int
    rule: AnyRule
    scores: dict[Metric, Score]
    comparisons: dict[str, HoldoutComparison] = Field(
        validation_alias=AliasChoices("comparisons", "rivals")
    )
    slices: tuple[SliceScores, ...] = ()
    diagnostics: AnyDiagnostics
    gates: tuple[GateResult, ...]
    behaviour: tuple[BehaviourTest, ...] = ()
    passed: bool
    candidate: str
    champion: str | None = None
    notes: tuple[str, ...] = ()
    varies: tuple[ScoreVariation, ...] = ()
    importance: tuple[FeatureImportance, ...] = ()
    off_policy: OffPolicyComparison | None = None
    explored: ExploredComparison | None = None

    @property
    def failures(self) -> list[str]:
        """What the model did not pass: gates with their limits, and behaviour."""
        gates = [gate.words for gate in self.gates if not gate.passed]
        return gates + [test.name for test in self.behaviour if not test.passed]

    @model_validator(mode="before")
    @classmethod
    def _of_older_runs(cls, values: Any) -> Any:
        """Take what was binary before there were other kinds: diagnostics by themselves."""
        if isinstance(values, dict) and "threshold" in values:
            rule = {"threshold": values["threshold"]}
            return {**values, "rule": rule, "diagnostics": {"kind": "binary", **values}}
        return values
