"""What the settings say of training: the split, weights, candidates, searches, and gates."""

import math
import re
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AliasChoices,
    Discriminator,
    Field,
    StrictBool,
    Tag,
    field_validator,
    model_validator,
)

from shared.kinds import Metric
from shared.sections.section import Moment, Number, Section, Share
from shared.words import nearest_names

# Of a search; and where the settings do not say.
MOST_TRIALS, TRIALS = 200, 20


class Split(Section):
    """Where train, validation and holdout meet, in time: by dates, or by shares of the rows.

    Dates are the first moments of validation and holdout (UTC unless they say otherwise), within
    the span from `start` (included) to `end` (not included).
    """

    start: Moment | None = None
    """The first moment of train; left out, that of the table."""
    validation: Moment | None = None
    """The first moment of validation, on which candidates are compared."""
    holdout: Moment | None = None
    """The first moment of the holdout, on which the chosen model is judged."""
    end: Moment | None = None
    """The first moment after the holdout; left out, the table's last rows belong to it."""
    validation_share: Share = 0.2
    """Without dates: the share of the rows with an outcome, by time."""
    holdout_share: Share = 0.2
    """Likewise, of the newest rows."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if (self.validation is None) != (self.holdout is None):
            raise ValueError("give both 'validation' and 'holdout' as dates, or neither")
        moments = [m for m in (self.start, self.validation, self.holdout, self.end) if m]
        if moments != sorted(set(moments)):
            raise ValueError("the dates must rise from start over validation and holdout to end")
        if self.validation_share + self.holdout_share >= 1:
            raise ValueError("validation_share and holdout_share must leave rows to train on")
        return self


class Train(Section):
    """How many rows models learn from, and how much they count.

    Memory is that of the `rows` that are taken, whatever the table has: of each hour the same
    share, chosen by key and seed (of impressions whole slates), so that the same rows are taken
    wherever they stand, and validation and holdout are sampled alike. The contract is inferred
    from these rows and checked on them: say in [contract] which categories and gaps others have.

    What a model chose itself is shown more often, and in better places; what it acted on is hardly
    seen. Weighed by the inverse of its propensity, rows count as if all items had been shown, or
    all outcomes seen, alike.
    """

    rows: Annotated[int, Field(ge=1)] | None = None
    """At most so many of the table's rows are read, evenly over time; left out, all."""
    weights: Literal["none", "inverse_propensity"] = "none"
    """Whether rows count alike, or by the inverse of the chance that they had to be seen."""
    weigh_by: Annotated[str, Field(min_length=1)] | None = None
    """A column of the table, no feature, whose number says how much a row counts: none below 0, in
    proportion; one without counts as the mean. Metrics count rows alike."""
    clip: Annotated[float, Field(ge=1, le=1_000)] = 10
    """The largest weight, in means: the larger, the less a model's own choices matter, and the more
    chance does."""


DOTTED = re.compile(r"^[A-Za-z_][\w.]*\.[A-Za-z_]\w*$")
PREPROCESSING = ("linear", "tree", "none")


class Candidate(Section):
    """One estimator that takes part in training, or a `model` that was fitted elsewhere.

    `preprocessing` is `linear` (one-hot categories, imputed and scaled numbers), `tree` (ordinal
    categories, missing values left missing), `none` (the estimator takes the frame as it is), or
    one of your own: a function or class that makes a transformer, which takes a frame of features.
    It gives sparse values to an estimator that takes them, and dense ones to others.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
    """What it is called on the leaderboard."""
    estimator: Annotated[str, Field(pattern=DOTTED.pattern)] | None = None
    """The class, such as `sklearn.linear_model.Ridge`, or `models.Mine` of the problem's folder."""
    model: str | None = None
    """Instead of an estimator: a fitted model, as a skops file or an MLflow model's folder. It is
    judged as it is."""
    preprocessing: Literal["linear", "tree", "none"] | str = "linear"
    """What is done to the columns before it sees them; or `features.pipeline` of the problem's
    folder."""
    params: dict[str, Any] = {}
    """The arguments that the estimator is made with."""
    learns_from: Literal["all", "sample"] | None = None
    """Of a table with more than [train] rows: whether it learns from all its rows, or from the
    sample; left out, from all where the estimator can: LightGBM's and XGBoost's, and those with
    `partial_fit`, in batches."""

    @field_validator("preprocessing")
    @classmethod
    def _known_or_own(cls, named: str) -> str:
        if named not in PREPROCESSING and not DOTTED.fullmatch(named):
            raise ValueError(
                f"give {', '.join(PREPROCESSING)}, or the module and the name of your own, such as "
                f"'features.pipeline'{nearest_names([named], PREPROCESSING)}"
            )
        return named

    @model_validator(mode="after")
    def _made_or_given(self) -> Self:
        if (self.estimator is None) == (self.model is None):
            raise ValueError("give either an 'estimator', which is fitted, or a fitted 'model'")
        if self.model and self.params:
            raise ValueError("'params' are an estimator's: a fitted 'model' takes none")
        return self


class Range(Section):
    """Numbers from `low` to `high`, both included: whole ones where both ends are whole."""

    low: Number
    """The least."""
    high: Number
    """The largest."""
    log: StrictBool = False
    """Whether there are as many between 0.01 and 0.1 as between 0.1 and 1."""

    @property
    def is_whole(self) -> bool:
        """Whether its numbers are whole."""
        return isinstance(self.low, int) and isinstance(self.high, int)

    @model_validator(mode="after")
    def _rises(self) -> Self:
        if self.low >= self.high:
            raise ValueError(f"low must be less than high; received {self.low} and {self.high}")
        if self.log and self.low <= 0:
            raise ValueError(f"with log = true, low must be more than 0; received {self.low}")
        return self


Values = Annotated[tuple[Any, ...], Field(min_length=1)]


class Search(Section):
    """Other parameters of a candidate: [search.NAME] is about the candidate NAME.

    Each set of them is a trial: a candidate of its own on the leaderboard, such as `NAME-07`,
    beside the one that is written. `random` takes parameters by chance and `grid` every
    combination, over several tasks side by side. `halving` fits all trials on few rows, the best
    third of them on three times as many, and so on to all rows. `optuna` (the extra of that name)
    chooses each trial by those before. These two are one task each, as a trial waits for others.
    """

    parameters: Annotated[
        dict[
            str,
            Annotated[
                Annotated[Range, Tag("range")] | Annotated[Values, Tag("values")],
                Discriminator(lambda v: "range" if isinstance(v, dict | Range) else "values"),
            ],
        ],
        Field(min_length=1),
    ]
    """Of the estimator's parameters, a list of values or a range of numbers each, such as
    `{ max_depth = [3, 6], learning_rate = { low = 0.01, high = 0.3, log = true } }`."""
    method: Literal["random", "grid", "halving", "optuna"] = "random"
    """How trials are chosen."""
    trials: Annotated[int, Field(ge=1, le=MOST_TRIALS)] | None = None
    """How many; left out, 20, and of `grid` all there are."""
    tasks: Annotated[int, Field(ge=1, le=50)] = 4
    """At most so many tasks share the trials of `random` and `grid`."""

    @field_validator("parameters", mode="before")
    @classmethod
    def _lists_or_ranges(cls, said: Any) -> Any:
        for name, values in said.items() if isinstance(said, dict) else ():
            if not isinstance(values, list | tuple | dict | Range):
                raise ValueError(
                    f"give {name} a list of values, or {{ low = …, high = … }}; received {values!r}"
                )
        return said

    @model_validator(mode="after")
    def _grid_is_finite(self) -> Self:
        if self.method != "grid":
            return self
        if self.trials:
            raise ValueError("a grid has a trial for each combination: leave out 'trials'")
        if ranges := [name for name, held in self.parameters.items() if isinstance(held, Range)]:
            raise ValueError(f"a grid takes lists of values, and {ranges} are ranges")
        if self.number_of_trials > MOST_TRIALS:
            raise ValueError(
                f"{self.number_of_trials:,} combinations are more than {MOST_TRIALS} trials: list "
                "fewer values, or use another method"
            )
        return self

    @property
    def number_of_trials(self) -> int:
        """How many trials it has: no more than there are combinations of listed values."""
        listed = [held for held in self.parameters.values() if not isinstance(held, Range)]
        most = math.prod(map(len, listed)) if len(listed) == len(self.parameters) else MOST_TRIALS
        return most if self.method == "grid" else min(self.trials or TRIALS, most)

    @property
    def number_of_tasks(self) -> int:
        """How many tasks its trials are fitted by."""
        is_one = self.method in ("halving", "optuna")
        return 1 if is_one else min(self.tasks, self.number_of_trials)

    def names(self, candidate: str) -> tuple[str, ...]:
        """Return what the trials of a candidate are called."""
        count = self.number_of_trials
        return tuple(f"{candidate}-{at:0{len(str(count))}}" for at in range(1, count + 1))


class Gates(Section):
    """What a model must show on the holdout before it may be packaged.

    It is compared with the baseline and the champion on the same rows, by the metric `compare_by`.
    """

    minimum: dict[Metric, float] = {}
    """What metrics must be at least, such as `{ roc_auc = 0.6 }`."""
    maximum: dict[Metric, float] = {}
    """What metrics may be at most."""
    beat_baseline: StrictBool = True
    """Whether the model must be better than the baseline on the same rows, at 95%."""
    not_worse_than_champion: StrictBool = True
    """Whether it may not be worse than the champion on the same rows, at 95%."""
    not_worse_off_policy: StrictBool = True
    """Of slates: whether they may not be worth less than the champion's, at 95%, by the log of
    those shown; where the log cannot tell, that is said, and is no gate."""
    # `rivals_by` is its name in older settings.
    compare_by: Annotated[
        Metric, Field(validation_alias=AliasChoices("compare_by", "rivals_by"))
    ] = "log_loss"
    """The metric of both comparisons; left out, log loss or MAE, by the kind."""
