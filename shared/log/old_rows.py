"""A log's old rows: counted, and removed."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from shared.log import contents
from shared.log.contents import MINUTES, OUTCOMES, PREDICTIONS

# So many in a transaction: a server that writes meanwhile waits no longer than for these.
ROWS_AT_ONCE = 50_000


def count(problem: str, before: datetime, window: datetime | None = None) -> dict[str, int]:
    """Return how many rows of each table are old.

    A prediction is old when it was logged before a moment, and an outcome with the last prediction
    of its key; with `window`, those whose own time is that or later are not. A service minute has
    one moment only. Raises `Refusal` when there is no log, or it does not answer.
    """
    with contents.opened(problem) as (connection, tables):
        counts = {}
        for name, old in _conditions(connection, tables, before, window).items():
            query = sa.select(sa.func.count()).select_from(tables[name]).where(old)
            counts[name] = connection.scalar(query) or 0
        return counts


def remove(
    problem: str,
    before: datetime,
    window: datetime | None = None,
    on_removed: Callable[[int], None] = lambda rows: None,
) -> dict[str, int]:
    """Remove the rows that `count` counts, some at a time; returns how many they were by table.

    SQLite keeps the size of its file, and writes what comes next into the room that was made.
    """
    removed = {}
    with contents.opened(problem) as (connection, tables):
        for name, old in _conditions(connection, tables, before, window).items():
            removed[name] = 0
            while rows := _remove_some(connection, tables[name], old):
                removed[name] += rows
                on_removed(rows)
    return removed


def _remove_some(connection: sa.Connection, table: sa.Table, old: Any) -> int:
    keys = list(table.primary_key.columns)
    some = sa.select(*keys).where(old).limit(ROWS_AT_ONCE)
    removed = connection.execute(sa.delete(table).where(sa.tuple_(*keys).in_(some))).rowcount
    connection.commit()
    return removed


def _conditions(
    connection: sa.Connection,
    tables: dict[str, sa.Table],
    before: datetime,
    window: datetime | None,
) -> dict[str, Any]:
    """Return what is old in each table, in the order in which they are emptied.

    An outcome is old once no prediction that stays has its key.
    """

    def earlier(column: Any, moment: datetime | None) -> Any:
        return sa.true() if moment is None else column < _bound(moment, connection)

    predictions, outcomes, minutes = (tables[n] for n in (PREDICTIONS, OUTCOMES, MINUTES))
    logged = earlier(predictions.c.logged_at, before)
    old = sa.and_(logged, earlier(predictions.c.time, window))
    # Not row by row: the predictions have no index of their keys.
    needed = sa.select(predictions.c.key).where(sa.not_(old))
    moments = [before, *([window] if window else [])]
    return {
        PREDICTIONS: old,
        OUTCOMES: sa.and_(earlier(outcomes.c.logged_at, before), outcomes.c.key.not_in(needed)),
        MINUTES: earlier(minutes.c.minute, min(moments)),
    }


def _bound(moment: datetime, connection: sa.Connection) -> datetime:
    """Return a moment as the tables of a database are read without a contract."""
    in_utc = moment.astimezone(UTC)
    return in_utc.replace(tzinfo=None) if connection.dialect.name == "sqlite" else in_utc
