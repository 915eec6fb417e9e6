"""The outcomes of a log: true labels by key, of which the latest counts."""

import time
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
        on the one that counts. Many are added in several transactions, so that no other writer
        waits long; where it fails in between, the same labels may just be added again.
        """
        new = list(self._without_standing(labels))
        added = corrected = 0
        for at in range(0, len(new), KEYS_AT_ONCE):
            part = {key: labels[key] for key in new[at : at + KEYS_AT_ONCE]}
            began = time.monotonic()
            written, replaced = self._write(part)
            added, corrected = added + written - replaced, corrected + replaced
            if at + KEYS_AT_ONCE < len(new):
                # Others, who answer predictions, get as long a turn.
                time.sleep(time.monotonic() - began)
        unchanged = len(labels) - added - corrected
        return {"added": added, "corrected": corrected, "unchanged": unchanged}

    def newest(self) -> int:
        """Return the number of the label that was added last; 0 without any."""
        newest = sa.select(sa.func.max(self._table.c.id))
        return self._database.scalar(newest, self._table) or 0

    def unanswered(self, since: int) -> int:
        """Return how many keys labelled since then have no prediction in the log.

        All predictions' keys are read once, as the log has no index of them.
        """
        answered = self._database.tables.predictions
        labelled = sa.select(self._table.c.key).where(self._table.c.id > since)
        lacking = labelled.except_(sa.select(answered.c.key)).subquery()
        count = sa.select(sa.func.count()).select_from(lacking)
        return self._database.scalar(count, answered) or 0

    def _without_standing(self, labels: Mapping[Any, Any]) -> dict[Any, Any]:
        """Return the labels that do not stand yet; nobody waits for that."""
        if not labels or not self._database.columns_of(self._table):
            return dict(labels)
        with self._database.reading() as connection:
            standing = self._standing(connection, list(labels))
        return {key: value for key, value in labels.items() if standing.get(key) != value}

    def _write(self, labels: Mapping[Any, Any]) -> tuple[int, int]:
        """Add labels in one transaction, alone; returns how many, and how many corrected others."""
        now = datetime.now(UTC)
        with self._database.writing() as connection:
            log_tables.alone(connection)
            # Some may have come since they were looked up.
            standing = self._standing(connection, list(labels))
            new = {key: value for key, value in labels.items() if standing.get(key) != value}
            rows = [{"key": key, "value": value, "logged_at": now} for key, value in new.items()]
            if rows:
                connection.execute(sa.insert(self._table), rows)
        return len(new), len(new.keys() & standing.keys())

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
