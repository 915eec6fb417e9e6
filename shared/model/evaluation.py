"""The evaluation: what TrainFlow finds a model to be worth on the holdout, as bundles carry it.

Runs and bundles keep it as a plain dict; `Evaluation.model_validate` reads those of older versions.
"""

from pydantic import AliasChoices, Field

from shared.model.kept import Kept
from shared.settings import Metric
from shared.tasks.metrics import Score


class HoldoutComparison(Kept):
    """Another's `scores` on the same rows; `difference` is the model's less these, paired."""

    scores: dict[Metric, Score]
    difference: dict[Metric, Score]


class SliceScores(Kept):
    """The holdout's rows with one value: mean outcome and probability, and scores."""

    slice: str
    rows: int
    small: bool
    observed: float
    predicted: float
    scores: dict[Metric, Score]


class CalibrationBin(Kept):
    """Some of the rows in the order of their probability: its mean, and the share of positives."""

    predicted: float
    observed: float
    rows: int


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


class SliceVariation(Kept):
    """How slices' scores vary around their own, pooled over all; `loss` is the largest of one."""

    blocks: int
    spread: dict[str, float]
    loss: dict[str, float]


class ScoreVariation(Kept):
    """How scores vary over spans of so many `hours`, of which there were `blocks`.

    `spread` are standard deviations beyond what bootstrap intervals explain, `worst` the worst
    scores of one span. `slices` is None where too few could be scored.
    """

    hours: int
    blocks: int
    spread: dict[str, float]
    worst: dict[str, float]
    slices: SliceVariation | None = None


class FeatureImportance(Kept):
    """The ROC AUC that is lost when a feature is shuffled; its standard deviation over repeats."""

    feature: str
    roc_auc: float
    spread: float


class Evaluation(Kept):
    """A model judged on the holdout, of whose rows so many are `positives`.

    `comparisons` are with the `baseline` and, where there is one, the `champion`, whose digest
    stands under that name. `confusion` counts rows by outcome, then prediction at the `threshold`;
    `curves` holds the points (x, y) of `roc` and `precision_recall`.
    """

    rows: int
    positives: int
    threshold: float
    scores: dict[Metric, Score]
    comparisons: dict[str, HoldoutComparison] = Field(
        validation_alias=AliasChoices("comparisons", "rivals")
    )
    slices: tuple[SliceScores, ...] = ()
    calibration: tuple[CalibrationBin, ...] = ()
    confusion: tuple[tuple[int, int], tuple[int, int]]
    curves: dict[str, tuple[list[float], list[float]]]
    gates: tuple[GateResult, ...]
    passed: bool
    candidate: str
    champion: str | None = None
    notes: tuple[str, ...] = ()
    varies: tuple[ScoreVariation, ...] = ()
    importance: tuple[FeatureImportance, ...] = ()
