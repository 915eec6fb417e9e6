"""How a problem's service does now: the last hour of its log's service minutes."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from shared.errors import Refusal
from shared.log import contents
from shared.schema.utc import as_utc

SPAN = timedelta(hours=1)


@dataclass(frozen=True)
class ServiceState:
    """An hour of service up to its last minute `at` (UTC).

    Requests, those that failed (5xx) and that were refused (4xx), the worst minute's 99th
    percentile in ms, and the rows that waited on disk at most.
    """

    at: datetime
    requests: int
    errors: int
    rejected: int
    p99_ms: float | None
    spool_rows: int

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
    except Refusal:
        return None
    return ServiceState(
        as_utc(last), int(requests), int(errors), int(rejected), p99, int(spooled or 0)
    )
