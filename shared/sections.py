"""The parts of the settings: columns, splits, candidates, and what each flow is to do."""

import codecs
import math
import re
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    field_validator,
    model_validator,
)

from shared.schema.utc import as_utc

Share = Annotated[float, Field(ge=0, le=1)]
# Five fields: minute, hour, day of the month, month, day of the week.
CRON = r"^$|^[\d*/,-]+( [\d*/,-]+){2} [\w*/,-]+ [\w*/,-]+$"
Moment = Annotated[datetime, AfterValidator(as_utc)]
Number = int | Annotated[float, Field(allow_inf_nan=False)]
# Of a search; and where the settings do not say.
MOST_TRIALS, TRIALS = 200, 20


class Section(BaseModel):
    """A part of the settings: frozen, and closed to unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


# What strptime and pandas read alike of a date and a time of day.
DIRECTIVES = "YymbBdjHIpMSfzZaA"


class Column(Section):
    """What the settings say of one column; what they leave out is inferred from the data.

    `format` is how a time's texts are written where they are not ISO 8601, as `strptime` has it.
    """

    type: Literal["number", "integer", "category", "boolean", "time", "text"] | None = None
    """What its values are; left out, what they look like."""
    nullable: bool | None = None
    """Whether a value may be missing; left out, where some are."""
    minimum: float | None = None
    """The least value, of a number; left out, what was seen (and less is accepted)."""
    maximum: float | None = None
    """The largest value, likewise."""
    categories: tuple[str, ...] | None = None
    """The values of a category; left out, those that were seen."""
    outside: Literal["accept", "refuse"] | None = None
    """What becomes of a value outside the range or the categories: it is refused, or accepted and
    left to the monitor."""
    format: str | None = None
    """How a time's texts are written that are not ISO 8601, as `strptime` has it: by directives, of
    a date and no more than once each, such as `"%d/%m/%Y %H:%M"`. It makes the column a time."""

    @model_validator(mode="before")
    @classmethod
    def _a_format_is_of_a_time(cls, said: Any) -> Any:
        if isinstance(said, dict) and said.get("format") is not None:
            return said | {"type": said.get("type") or "time"}
        return said

    @model_validator(mode="after")
    def _format_can_be_read(self) -> Self:
        if self.format is None:
            return self
        if self.type != "time":
            raise ValueError(f"format says how a time is written, and type is {self.type!r}")
        given = re.findall(r"%(.?)", self.format.replace("%%", ""))
        known, named = [one for one in given if one in {*DIRECTIVES}], {*given}
        day = "j" in named or ("d" in named and named & {*"mbB"})
        if len({*known}) < len(given) or not (day and named & {*"yY"}):
            raise ValueError(
                f"format {self.format!r} is none of a date: it needs a year, a month and a day, as "
                f'"%d/%m/%Y %H:%M" has them, each directive once, of %{" %".join(DIRECTIVES)}'
            )
        return self


class Csv(Section):
    """How CSV files are written: these hold for every CSV file that is read for the problem.

    `missing` are the texts that stand for no value where a number, boolean or time is expected, as
    in a target of two texts, but for the one that is true, and in one of several classes, but for
    `None` and for those that [contract] lists; an empty cell is missing everywhere.
    """

    delimiter: Annotated[str, Field(pattern=r"^[^\"\r\n]$")] = ","
    """What stands between cells: a single character; `"\\t"` is a tab."""
    decimal: Literal[".", ","] = "."
    """The decimal sign of numbers."""
    encoding: str = "utf-8"
    """The encoding of the texts, as Python names it."""
    missing: tuple[str, ...] = ("NA", "N/A", "NaN", "nan", "null", "NULL", "None", "#N/A")
    """Texts that stand for no value where a number, boolean or time is expected."""

    @model_validator(mode="after")
    def _can_be_read(self) -> Self:
        if self.delimiter == self.decimal:
            raise ValueError(f"csv: {self.decimal!r} cannot be the delimiter and the decimal sign")
        try:
            codecs.lookup(self.encoding)
        except LookupError:
            raise ValueError(f"csv: encoding {self.encoding!r} is not known here") from None
        return self


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


class Interval(Section):
    """The interval that each answer gets, which is to hold a share `coverage` of the outcomes.

    It is as wide as the errors were of rows with a prediction like the answer's, and with the same
    values of the features `by` where those rows are enough.
    """

    coverage: Annotated[float, Field(gt=0, lt=1)] = 0.9
    """The share of the outcomes that intervals are to hold."""
    by: tuple[str, ...] = ()
    """Features in whose groups they are to hold it, too."""


class Slates(Section):
    """Which columns say what was shown to whom, where, and with which chance; and what there is.

    Impressions that were shown together are a slate, and `position` 1 is its first. Metrics compare
    what is near the top of each slate with its clicks, and have their intervals by `user`.
    """

    user: str
    """Who is shown something: a feature, by whose values intervals are resampled."""
    item: str
    """What is recommended: a feature."""
    slate: str = "slate"
    """The column by which impressions were shown together; no feature."""
    position: str = "position"
    """The column with the place that each had, from 1; no feature, as none has one beforehand."""
    propensity: str = "propensity"
    """The column with the chance that it had to be shown there; the table may be without."""
    items: str | None = None
    """The items and their features, a table or a function as `source` is; left out, who asks
    `/recommend` gives both."""
    k: Annotated[int, Field(ge=1, le=1_000)] = 20
    """How many items a slate has, where who asks does not say."""
    top: Annotated[int, Field(ge=1, le=1_000)] = 5
    """How many of a slate's first places metrics look at."""

    @property
    def columns(self) -> dict[str, Literal["text", "integer", "number"]]:
        """The types of the table's columns that are no features, by their names."""
        return {self.slate: "text", self.position: "integer", self.propensity: "number"}

    @property
    def answered_as(self) -> dict[str, str]:
        """What answers call these columns, by their names in the table."""
        names = ("slate", "position", "propensity")
        return dict(zip(self.columns, names, strict=True))

    @model_validator(mode="after")
    def _all_different(self) -> Self:
        named = [self.user, self.item, self.slate, self.position, self.propensity]
        if len({*named}) < len(named):
            raise ValueError(
                "ranking: user, item, slate, position and propensity must be different columns; "
                f"received {named}"
            )
        return self


class Explore(Section):
    """How slates leave the order of the model's scores, and learn what it does not know.

    With `none` the best come first. With `epsilon` each place is given evenly to what is left with
    the chance `share`, else to the best. With `softmax` places are drawn by the scores, with
    `thompson` by a draw of each item's score.
    """

    by: Literal["none", "epsilon", "softmax", "thompson"] = "none"
    """How items are chosen."""
    share: Share = 0.1
    """Of `epsilon`: the chance that a place is given evenly to what is left."""
    temperature: Annotated[float, Field(ge=0.001, le=100)] = 1.0
    """Of `softmax`: what log odds are divided by; the smaller, the nearer to the best."""


class Action(Section):
    """Which prediction is acted on, so that nobody ever sees what would have come of its row.

    A loan is refused, a payment blocked, a part not inspected. A share of such rows is let through
    by chance: `action` in an answer says of each row what to do, and `propensity` the chance that
    its outcome is seen. Chance is a hash of the row's key and the seed, the same whenever it is
    asked: who chooses keys must not know the seed.
    """

    on: bool = True
    """Which prediction is acted on."""
    let_through: Annotated[float, Field(ge=0, lt=1)] = 0.05
    """The share of the rows with that prediction that are let through by chance."""
    seed: int = 0
    """What chance is of, beside the row's key."""
    propensity: str = "propensity"
    """The column of the table with the chance that the row's outcome had to be seen; the table may
    be without, and where it is missing the outcome is one that is always seen."""


class Train(Section):
    """How much rows count when models learn from them.

    What a model chose itself is shown more often, and in better places; what it acted on is hardly
    seen. Weighed by the inverse of its propensity, rows count as if all items had been shown, or
    all outcomes seen, alike.
    """

    weights: Literal["none", "inverse_propensity"] = "none"
    """Whether rows count alike, or by the inverse of the chance that they had to be seen."""
    clip: Annotated[float, Field(ge=1, le=1_000)] = 10
    """The largest weight, in means: the larger, the less a model's own choices matter, and the more
    chance does."""


class Candidate(Section):
    """One estimator that takes part in training, or a `model` that was fitted elsewhere.

    `preprocessing` is `linear` (one-hot categories, imputed and scaled numbers), `tree` (ordinal
    categories, missing values left missing) or `none` (the estimator takes the frame as it is).
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
    """What it is called on the leaderboard."""
    estimator: Annotated[str, Field(pattern=r"^[A-Za-z_][\w.]*\.[A-Za-z_]\w*$")] | None = None
    """The class, such as `sklearn.linear_model.Ridge`, or `models.Mine` of the problem's folder."""
    model: str | None = None
    """Instead of an estimator: a fitted model, as a skops file or an MLflow model's folder. It is
    judged as it is."""
    preprocessing: Literal["linear", "tree", "none"] = "linear"
    """What is done to the columns before it sees them."""
    params: dict[str, Any] = {}
    """The arguments that the estimator is made with."""

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
    log: bool = False
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


class Package(Section):
    """What PackageFlow may do. `trust` names types that skops may load beyond scikit-learn's."""

    trust: tuple[str, ...] = ()
    """Types of the model beyond scikit-learn's and the problem's own, such as
    `lightgbm.basic.Booster`."""
    golden_rows: Annotated[int, Field(ge=1, le=10_000)] = 200
    """How many rows with their answers a bundle carries, which every copy must reproduce."""
    reference_rows: Annotated[int, Field(ge=100, le=20_000)] = 20_000
    """How many held-out rows it carries for the monitor's reports, at most."""


class Review(Section):
    """Whose decisions count, and how many approvals make a champion.

    With `reviewers` only theirs do. `approvals` are by so many different people. What was decided
    before `since` stands without either.
    """

    reviewers: tuple[str, ...] = ()
    """Whose decisions count; left out, everybody's."""
    approvals: Annotated[int, Field(ge=1, le=10)] = 1
    """How many different people approve a bundle before it is served."""
    since: Moment | None = None
    """What was decided before stands by the rule of then."""

    @model_validator(mode="after")
    def _enough_reviewers(self) -> Self:
        if any(not name.strip() for name in self.reviewers):
            raise ValueError("review: a reviewer has a name")
        named = len({" ".join(name.split()).casefold() for name in self.reviewers})
        if named and named < self.approvals:
            raise ValueError(
                f"review: approvals = {self.approvals}, and {named} reviewers are named"
            )
        return self


class Monitor(Section):
    """The monitor's window, and what it promises.

    `false_alarms` is the chance that an ordinary window gets any verdict but `ok`, over all columns
    and checks together: what is ordinary is learnt from the history that the model was trained on.
    `schedule` is when a cluster runs it, in UTC as cron writes it; empty for never. `error_share`
    and `rejected_share` are of the service's requests, `p99_ms` its slowest minute,
    `silent_minutes` those in which it reported nothing, and `spooled_rows` the most that waited on
    disk while the log was away; what is left out is shown and not judged.
    """

    window_days: Annotated[float, Field(gt=0)] = 7
    """How many days are judged at once."""
    outcome_delay_days: Annotated[float, Field(ge=0)] = 0
    """How many days outcomes take to arrive."""
    minimum_rows: Annotated[int, Field(ge=1)] = 100
    """With fewer rows, shares and distances are not judged."""
    minimum_outcomes: Annotated[int, Field(ge=2)] = 200
    """With fewer outcomes, quality is not judged."""
    sample_rows: Annotated[int, Field(ge=100)] = 5_000
    """Rows of window and reference, each, in Evidently's reports."""
    false_alarms: Annotated[float, Field(gt=0, lt=0.5)] = 0.01
    """The chance that an ordinary window is not `ok`, over all columns and checks together."""
    schedule: Annotated[str, Field(pattern=CRON)] = "0 6 * * *"
    """When a cluster runs MonitorFlow (UTC), as cron writes it."""
    error_share: Share = 0.01
    """The share of requests that fail (5xx) beyond which the verdict is `act`."""
    rejected_share: Share = 0.05
    """The share of requests that are refused (4xx) beyond which it is `watch`."""
    p99_ms: Annotated[float, Field(gt=0)] | None = None
    """The 99th percentile of the slowest minute beyond which it is `watch`; left out, not judged.
    """
    silent_minutes: Annotated[int, Field(ge=0)] | None = None
    """Minutes without a report of the service beyond which it is `watch`; left out, not judged."""
    spooled_rows: Annotated[int, Field(ge=0)] | None = None
    """Rows that waited on disk for the log beyond which it is `watch`; left out, not judged."""


class Size(Section):
    """What a task gets on a cluster: cores, and memory in MB."""

    cpu: Annotated[float, Field(gt=0)] = 1
    """Cores."""
    memory: Annotated[int, Field(ge=256)] = 4_096
    """Megabytes."""


class Resources(Section):
    """What the tasks of each flow get on a cluster; a laptop gives what it has, and tries once.

    A task is given up after so many `minutes`, wherever it runs. On a cluster, one that broke is
    tried again up to `retries` times, but for those that decide, or alert people.
    """

    ingest: Size = Size(memory=8_192)
    """Of each task of IngestFlow."""
    train: Size = Size(cpu=2, memory=8_192)
    """Of each task of TrainFlow."""
    package: Size = Size()
    """Of each task of PackageFlow."""
    score: Size = Size(cpu=2)
    """Of each task of ScoreFlow."""
    monitor: Size = Size(cpu=2)
    """Of each task of MonitorFlow."""
    minutes: Annotated[int, Field(ge=1)] = 240
    """After so many a task is given up."""
    retries: Annotated[int, Field(ge=0, le=4)] = 2
    """How often a task that broke is tried again on a cluster."""


class Ingest(Section):
    """Where new rows come from, and the table by day that they are brought into.

    `origin` is read like `source`, which stands for it where it is left out; a `query` is asked of
    the database that MILLRACE_SOURCE names, with `:since` bound to `overlap_days` before the
    table's newest day. A row whose time is corrected is found up to `moved_days` from its new day.
    """

    origin: str | None = None
    """Where new rows come from; left out, it is `source`."""
    query: str | None = None
    """Or a query, asked of the database that MILLRACE_SOURCE names."""
    table: str | None = None
    """The table by day; left out, it is in `.millrace/tables/`."""
    overlap_days: Annotated[int, Field(ge=0)] = 3
    """How long before the table's newest day a query's `:since` is."""
    moved_days: Annotated[int, Field(ge=0)] = 7
    """How far a row whose time is corrected may move."""
    batch_rows: Annotated[int, Field(ge=100)] = 100_000
    """Rows in memory at once while reading."""
    task_rows: Annotated[int, Field(ge=100)] = 2_000_000
    """Rows in memory at once while merging."""
    tasks: Annotated[int, Field(ge=1, le=100)] = 4
    """At most so many tasks read, and as many merge."""
    schedule: Annotated[str, Field(pattern=CRON)] = ""
    """When a cluster runs IngestFlow (UTC), as cron writes it; empty, never by itself."""

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if self.origin and self.query:
            raise ValueError("ingest: give an 'origin' or a 'query', not both")
        return self


class Score(Section):
    """How ScoreFlow answers whole tables.

    `table` is what is scored where no other is named (the ingest's, when left out), `output` where
    the answers go. With `features` the answers carry the row's inputs, and its outcome if there is
    one, so that MonitorFlow can judge them. A task holds a few times `batch_rows` at once.
    """

    table: str | None = None
    """What is scored where no other table is named; left out, the ingest's."""
    output: str | None = None
    """Where the answers go; left out, beside the table."""
    features: bool = True
    """Whether answers carry the row's inputs, so that they can be judged."""
    batch_rows: Annotated[int, Field(ge=100)] = 65_536
    """Rows in memory at once, a few times over."""
    tasks: Annotated[int, Field(ge=1, le=100)] = 4
    """At most so many tasks score."""
    schedule: Annotated[str, Field(pattern=CRON)] = ""
    """When a cluster runs ScoreFlow (UTC), as cron writes it; empty, never by itself."""


class Serve(Section):
    """How many rows one request may have: as JSON, and as a table (an Arrow stream or Parquet).

    `otlp` is the address that spans of requests and batches are sent to (OTLP over HTTP).
    """

    json_rows: Annotated[int, Field(ge=1, le=100_000)] = 10_000
    """How many rows one request may have as JSON."""
    table_rows: Annotated[int, Field(ge=1, le=1_000_000)] = 100_000
    """And as an Arrow stream or a Parquet file."""
    candidates: Annotated[int, Field(ge=1, le=100_000)] = 10_000
    """How many candidates one slate may have (`/recommend`)."""
    otlp: Annotated[str, Field(pattern=r"^(https?://[^\s/]+\S*)?$")] = ""
    """Where spans for OpenTelemetry are sent (OTLP over HTTP); empty, nowhere."""


class Events(Section):
    """Where events go: each of `webhooks` gets all of them, as do those in MILLRACE_EVENTS.

    With `notify` the addresses of the alerts get a message when a bundle is packaged or decided
    about. An address is kept by every run and bundle: one that holds a secret is none of these.
    """

    webhooks: tuple[Annotated[str, Field(pattern=r"^https?://[^\s/@?#]+(/[^\s@?#]*)?$")], ...] = ()
    """Addresses that are sent each bundle, decision and changed verdict, signed."""
    notify: bool = False
    """Whether bundles and decisions go to the alerts' addresses, too."""
    registry: Annotated[str, Field(pattern=r"^[a-z][a-z0-9+-]*://[^\s@?#]+$")] | None = None
    """An MLflow server or database in whose registry `champion` follows decisions."""
