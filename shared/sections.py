"""The parts of the settings: columns, splits, candidates, and what each flow is to do."""

import codecs
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from shared.schema.utc import as_utc

Share = Annotated[float, Field(ge=0, le=1)]
# Five fields: minute, hour, day of the month, month, day of the week.
CRON = r"^$|^[\d*/,-]+( [\d*/,-]+){2} [\w*/,-]+ [\w*/,-]+$"
Moment = Annotated[datetime, AfterValidator(as_utc)]


class Section(BaseModel):
    """A part of the settings: frozen, and closed to unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Column(Section):
    """What the settings say of one column; what they leave out is inferred from the data.

    `format` is how a time's texts are written where they are not ISO 8601, as `strptime` has it.
    """

    type: Literal["number", "integer", "category", "boolean", "time", "text"] | None = None
    nullable: bool | None = None
    minimum: float | None = None
    maximum: float | None = None
    categories: tuple[str, ...] | None = None
    outside: Literal["accept", "refuse"] | None = None
    format: str | None = None


class Csv(Section):
    """How CSV files are written: these hold for every CSV file that is read for the problem.

    `missing` are the texts that stand for no value where a number, boolean or time is expected; an
    empty cell is missing everywhere.
    """

    delimiter: Annotated[str, Field(pattern=r"^[^\"\r\n]$")] = ","
    decimal: Literal[".", ","] = "."
    encoding: str = "utf-8"
    missing: tuple[str, ...] = ("NA", "N/A", "NaN", "nan", "null", "NULL", "None", "#N/A")

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
    validation: Moment | None = None
    holdout: Moment | None = None
    end: Moment | None = None
    validation_share: Share = 0.2
    holdout_share: Share = 0.2

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
    by: tuple[str, ...] = ()


class Candidate(Section):
    """One estimator that takes part in training.

    `preprocessing` is `linear` (one-hot categories, imputed and scaled numbers), `tree` (ordinal
    categories, missing values left missing) or `none` (the estimator takes the frame as it is).
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
    estimator: Annotated[str, Field(pattern=r"^[A-Za-z_][\w.]*\.[A-Za-z_]\w*$")]
    preprocessing: Literal["linear", "tree", "none"] = "linear"
    params: dict[str, Any] = {}


class Package(Section):
    """What PackageFlow may do. `trust` names types that skops may load beyond scikit-learn's."""

    trust: tuple[str, ...] = ()
    golden_rows: Annotated[int, Field(ge=1, le=10_000)] = 200
    reference_rows: Annotated[int, Field(ge=100, le=20_000)] = 20_000


class Review(Section):
    """Whose decisions count, and how many approvals make a champion.

    With `reviewers` only theirs do. `approvals` are by so many different people. What was decided
    before `since` stands without either.
    """

    reviewers: tuple[str, ...] = ()
    approvals: Annotated[int, Field(ge=1, le=10)] = 1
    since: Moment | None = None

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
    outcome_delay_days: Annotated[float, Field(ge=0)] = 0
    minimum_rows: Annotated[int, Field(ge=1)] = 100
    minimum_outcomes: Annotated[int, Field(ge=2)] = 200
    sample_rows: Annotated[int, Field(ge=100)] = 5_000
    false_alarms: Annotated[float, Field(gt=0, lt=0.5)] = 0.01
    schedule: Annotated[str, Field(pattern=CRON)] = "0 6 * * *"
    error_share: Share = 0.01
    rejected_share: Share = 0.05
    p99_ms: Annotated[float, Field(gt=0)] | None = None
    silent_minutes: Annotated[int, Field(ge=0)] | None = None
    spooled_rows: Annotated[int, Field(ge=0)] | None = None


class Size(Section):
    """What a task gets on a cluster: cores, and memory in MB."""

    cpu: Annotated[float, Field(gt=0)] = 1
    memory: Annotated[int, Field(ge=256)] = 4_096


class Resources(Section):
    """What the tasks of each flow get on a cluster; a laptop gives what it has, and tries once.

    A task is given up after so many `minutes`, wherever it runs. On a cluster, one that broke is
    tried again up to `retries` times, but for those that decide, or alert people.
    """

    ingest: Size = Size(memory=8_192)
    train: Size = Size(cpu=2, memory=8_192)
    package: Size = Size()
    score: Size = Size(cpu=2)
    monitor: Size = Size(cpu=2)
    minutes: Annotated[int, Field(ge=1)] = 240
    retries: Annotated[int, Field(ge=0, le=4)] = 2


class Ingest(Section):
    """Where new rows come from, and the table by day that they are brought into.

    `origin` is read like `source`, which stands for it where it is left out; a `query` is asked of
    the database that MILLRACE_SOURCE names, with `:since` bound to `overlap_days` before the
    table's newest day. A row whose time is corrected is found up to `moved_days` from its new day.
    """

    origin: str | None = None
    query: str | None = None
    table: str | None = None
    overlap_days: Annotated[int, Field(ge=0)] = 3
    moved_days: Annotated[int, Field(ge=0)] = 7
    batch_rows: Annotated[int, Field(ge=100)] = 100_000
    task_rows: Annotated[int, Field(ge=100)] = 2_000_000
    tasks: Annotated[int, Field(ge=1, le=100)] = 4
    schedule: Annotated[str, Field(pattern=CRON)] = ""

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
    output: str | None = None
    features: bool = True
    batch_rows: Annotated[int, Field(ge=100)] = 65_536
    tasks: Annotated[int, Field(ge=1, le=100)] = 4
    schedule: Annotated[str, Field(pattern=CRON)] = ""


class Serve(Section):
    """How many rows one request may have: as JSON, and as a table (an Arrow stream or Parquet).

    `otlp` is the address that spans of requests and batches are sent to (OTLP over HTTP).
    """

    json_rows: Annotated[int, Field(ge=1, le=100_000)] = 10_000
    table_rows: Annotated[int, Field(ge=1, le=1_000_000)] = 100_000
    otlp: Annotated[str, Field(pattern=r"^(https?://[^\s/]+\S*)?$")] = ""


class Events(Section):
    """Where events go: each of `webhooks` gets all of them, as do those in MILLRACE_EVENTS.

    With `notify` the addresses of the alerts get a message when a bundle is packaged or decided
    about. An address is kept by every run and bundle: one that holds a secret is none of these.
    """

    webhooks: tuple[Annotated[str, Field(pattern=r"^https?://[^\s/@?#]+(/[^\s@?#]*)?$")], ...] = ()
    notify: bool = False
