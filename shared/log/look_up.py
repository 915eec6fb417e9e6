"""Single predictions of a log, by their id or by their key, with the outcomes that came."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from shared.log import contents
from shared.log.contents import OUTCOMES, PREDICTIONS
from shared.utc import as_utc

# No column holds a longer number.
WHOLE = re.compile("-?[0-9]{1,18}")


@dataclass(frozen=True)
class LoggedPrediction:
    """A row of the log: its own columns, answers and features by name, times in UTC.

    `outcomes` are what was true of its key, each with when it came, the one that counts first.
    """

    row: dict[str, Any]
    outcomes: tuple[tuple[Any, datetime], ...]


def find(problem: str, wanted: str, most: int = 50) -> tuple[LoggedPrediction, ...]:
    """Return the predictions with an id, or else those of a key, the newest first.

    An id is found by the log's index; for a key its rows are all read once, as they have none of
    their keys. Raises `Refusal` where there is no log, or it does not answer.
    """
    if "\0" in wanted:
        # No database has it in a text.
        return ()
    with contents.opened(problem) as (connection, tables):
        table = tables[PREDICTIONS]
        found = list(_rows(connection, table, table.c.prediction_id == wanted, most))
        key = _key(table.c.key, wanted)
        if not found and key is not None:
            found = list(_rows(connection, table, table.c.key == key, most))
        known = {row["key"]: _outcomes(connection, tables[OUTCOMES], row["key"]) for row in found}
    return tuple(LoggedPrediction(row, known[row["key"]]) for row in found)


def _key(column: sa.Column[Any], wanted: str) -> Any:
    """Return a key as the log has it; None for what cannot be one."""
    if not isinstance(column.type, sa.Integer):
        return wanted
    return int(wanted) if WHOLE.fullmatch(wanted) else None


def _rows(
    connection: sa.Connection, table: sa.Table, condition: Any, most: int
) -> Iterator[dict[str, Any]]:
    newest = (table.c.logged_at.desc(), table.c.prediction_id, table.c.role)
    query = sa.select(table).where(condition).order_by(*newest).limit(most)
    for row in connection.execute(query).mappings():
        yield {name: _in_utc(value) for name, value in row.items()}


def _outcomes(
    connection: sa.Connection, table: sa.Table, key: Any
) -> tuple[tuple[Any, datetime], ...]:
    query = sa.select(table.c.value, table.c.logged_at).where(table.c.key == key)
    found = connection.execute(query.order_by(table.c.id.desc()))
    return tuple((_in_utc(value), as_utc(at)) for value, at in found)


def _in_utc(value: Any) -> Any:
    return as_utc(value) if isinstance(value, datetime) else value
