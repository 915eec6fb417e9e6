"""Moments as databases keep them: in UTC, whatever zone they came in."""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from shared.utc import as_utc

# As SQLite keeps a moment, without the zone.
MOMENT_LENGTH = len("2013-05-01 17:15:00.000000")
MANY_MOMENTS = 16
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Utc(sa.types.TypeDecorator[datetime]):
    """A moment, kept in UTC also where a database has no time zones."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: sa.Dialect) -> Callable[[datetime | None], Any]:
        """Return what SQLAlchemy's own does for SQLite, in a fifth of the time."""
        if dialect.name == "sqlite":
            return _sqlite_moment
        return lambda moment: moment.astimezone(UTC) if moment else None

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else as_utc(value)


def sqlite_moments(moments: list[datetime | None]) -> list[str | None]:
    """Return moments as SQLite keeps them; many are made texts at once in half the time."""
    if all(moment is moments[0] for moment in moments):
        # Rows that were answered together share a moment.
        return [_sqlite_moment(moments[0])] * len(moments)
    if moments[0] is moments[1]:
        # So do the rows of a slate.
        runs = [[*run] for _, run in itertools.groupby(moments, id)]
        texts = map(_sqlite_moment, (run[0] for run in runs))
        return [text for text, run in zip(texts, runs, strict=True) for _ in run]
    if len(moments) < MANY_MOMENTS:
        return [_sqlite_moment(moment) for moment in moments]
    # As spans, which have no zone that Arrow would look for.
    spans = pa.array([moment and moment - EPOCH for moment in moments], pa.duration("us"))
    return spans.view(pa.timestamp("us")).cast(pa.string()).to_pylist()


def _sqlite_moment(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(" ", "microseconds")[:MOMENT_LENGTH]
