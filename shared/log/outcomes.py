"""The outcomes of a log: true labels by key, of which the latest counts."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from shared.log import log_tables
from shared.log.log_database import LogDatabase
from shared.log.log_tables import KEYS_AT_ONCE


class Outcomes:
    """A log's true labels."""

    def __init__(self, database: LogDatabase) -> None:
        self._database = database
        self._table = database.tables.outcomes

    def add(self, labels: Mapping[Any, Any]) -> dict[str, int]:
        """Add true labels by key; returns how many were `added`, `corrected`, and `unchanged`.

        A label that stands already adds no row. Another one for the same key does, and is from then
        on the one that counts.
        """
        now = datetime.now(UTC)
        with self._database.writing() as connection:
            log_tables.alone(connection)
            standing = self._standing(connection, list(labels))
            new = {key: value for key, value in labels.items() if standing.get(key) != value}
            rows = [{"key": key, "value": value, "logged_at": now} for key, value in new.items()]
            if rows:
                connection.execute(sa.insert(self._table), rows)
        corrected = len(new.keys() & standing.keys())
        return {
            "added": len(new) - corrected,
            "corrected": corrected,
            "unchanged": len(labels) - len(new),
        }

    def _standing(self, connection: sa.Connection, keys: list[Any]) -> dict[Any, Any]:
        table = self._table
        found: dict[Any, Any] = {}
        for at in range(0, len(keys), KEYS_AT_ONCE):
            newest = sa.select(sa.func.max(table.c.id)).group_by(table.c.key)
            newest = newest.where(table.c.key.in_(keys[at : at + KEYS_AT_ONCE]))
            query = sa.select(table.c.key, table.c.value).where(table.c.id.in_(newest))
            found.update(tuple(row) for row in connection.execute(query))
        return found


def latest_outcome(predictions: sa.FromClause, outcomes: sa.Table) -> sa.Label[Any]:
    """Return the column `outcome` of predictions: their key's latest label; 1 or 0 for booleans."""
    value: sa.ColumnElement[Any] = outcomes.c.value
    if isinstance(value.type, sa.Boolean):
        value = sa.cast(value, sa.Integer)
    return (
        sa.select(value)
        .where(outcomes.c.key == predictions.c.key)
        .order_by(outcomes.c.id.desc())
        .limit(1)
        .scalar_subquery()
        .label("outcome")
    )
