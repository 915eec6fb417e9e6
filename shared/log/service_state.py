"""How a problem's service does now: the last hour of its log's service minutes."""

import itertools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from shared.errors import Refusal
from shared.log import contents
from shared.log.refused_rows import frequent_faults
from shared.utc import as_utc
from shared.words import number_of

SPAN = timedelta(hours=1)
# So many of the newest answers are looked at.
NEWEST_ROWS = 500


@dataclass(frozen=True)
class ServiceState:
    """An hour of service up to its last minute `at` (UTC).

    Requests, those that failed (5xx) and that were refused (4xx), the worst minute's 99th
    percentile in ms, and the rows that waited on disk at most. `worst` is what was wrong in most of
    the rows or outcomes that were refused, in words, and empty where none were.
    """

    at: datetime
    requests: int
    errors: int
    rejected: int
    p99_ms: float | None
    spool_rows: int
    worst: str = ""

    @property
    def is_silent(self) -> bool:
        """Whether no server has reported for five minutes."""
        return datetime.now(UTC) - self.at > timedelta(minutes=5)


def read(problem: str) -> ServiceState | None:
    """Return how a problem's service did in its last hour; None where no server ever reported."""
    try:
        with contents.opened(problem) as (connection, tables):
            table = tables[contents.MINUTES]
            last = connection.scalar(sa.select(sa.func.max(table.c.minute)))
            if last is None:
                return None
            since = (as_utc(last) - SPAN).replace(tzinfo=last.tzinfo)
            query = sa.select(
                sa.func.sum(table.c.requests),
                sa.func.sum(table.c.errors),
                sa.func.sum(table.c.rejected),
                sa.func.max(table.c.p99_ms),
                sa.func.max(table.c.spool_rows) if "spool_rows" in table.c else sa.null(),
            ).where(table.c.minute > since)
            requests, errors, rejected, p99, spooled = connection.execute(query).one()
            worst = _worst(connection, table, since)
    except Refusal:
        return None
    counts = int(requests), int(errors), int(rejected), p99, int(spooled or 0)
    return ServiceState(as_utc(last), *counts, worst)


def _worst(connection: sa.Connection, minutes: sa.Table, since: datetime) -> str:
    worst, words = 0, ""
    for name, noun in (("row_faults", "row"), ("outcome_faults", "outcome")):
        texts = minutes.c.get(name)
        if texts is None:
            continue
        query = sa.select(texts).where(minutes.c.minute > since, texts.is_not(None))
        for (column, rule), fault in frequent_faults(connection.scalars(query))[:1]:
            if fault.rows > worst:
                said = f"{column or 'request'}: {rule} in {number_of(fault.rows, noun)}"
                worst, words = fault.rows, said
    return words


@dataclass(frozen=True)
class Served:
    """Who gave the log's newest answer and when (UTC); and of those before it without a break.

    The newest `answers` are of the bundle that was asked about, the first of them `since`.
    """

    bundle: str
    at: datetime
    answers: int
    since: datetime | None


def served(problem: str, digest: str) -> Served | None:
    """Return who answers now, and since when a bundle does; None where nothing was answered."""
    try:
        with contents.opened(problem) as (connection, tables):
            table = tables[contents.PREDICTIONS]
            query = sa.select(table.c.logged_at, table.c.bundle).where(table.c.role == "champion")
            found = connection.execute(query.order_by(table.c.time.desc()).limit(NEWEST_ROWS)).all()
    except Refusal:
        return None
    rows = sorted(((as_utc(row.logged_at), row.bundle) for row in found), reverse=True)
    if not rows:
        return None
    own = list(itertools.takewhile(lambda row: row[1] == digest, rows))
    at, bundle = rows[0]
    return Served(bundle, at, len(own), own[-1][0] if own else None)
