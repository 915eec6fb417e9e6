"""What the settings say of each flow but training, of the server, and of who is told."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, StrictBool, model_validator

from shared.holiday_calendars import checked_calendar
from shared.sections.section import CRON, Moment, Section, Share


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
                f"review: approvals = {self.approvals} is more than the reviewers that are named: "
                f"{named}"
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
    """With fewer rows, only what these prove by themselves is judged."""
    minimum_outcomes: Annotated[int, Field(ge=2)] = 200
    """With fewer outcomes, quality is not judged."""
    sample_rows: Annotated[int, Field(ge=100)] = 5_000
    """Rows of window and reference, each, in Evidently's reports."""
    false_alarms: Annotated[float, Field(gt=0, lt=0.5)] = 0.01
    """The chance that an ordinary window is not `ok`, over all columns and checks together."""
    holidays: Annotated[str, AfterValidator(checked_calendar)] | None = None
    """Whose holidays (UTC) are days of their own: a country's, such as `US`, or a part's, such as
    `US-NY` or `DE-BY`; left out, none are."""
    schedule: Annotated[str, Field(pattern=CRON)] = "0 6 * * *"
    """When a cluster runs MonitorFlow (UTC), as cron writes it."""
    error_share: Share = 0.01
    """The share of requests that fail (5xx) beyond which the verdict is `act`."""
    rejected_share: Share = 0.05
    """The share of requests (4xx), or of rows, that are refused beyond which it is `watch`; from a
    tenth of the rows up it is `act`."""
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
    features: StrictBool = True
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
    notify: StrictBool = False
    """Whether bundles and decisions go to the alerts' addresses, too."""
    registry: Annotated[str, Field(pattern=r"^[a-z][a-z0-9+-]*://[^\s@?#]+$")] | None = None
    """An MLflow server or database in whose registry `champion` follows decisions."""
