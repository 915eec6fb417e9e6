"""The predictions of a log: each answered row, with what came true of it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from shared.log.bulk_insert import BulkInsert
from shared.log.log_database import LogDatabase
from shared.log.log_tables import KEYS_AT_ONCE
from shared.log.moments import Utc
from shared.log.outcomes import latest_outcome
from shared.schema import columns
from shared.schema.columns import Columns

ROWS_AT_ONCE = 131_072


class Predictions:
    """A log's answered rows: the log's own columns, and the contract's features.

    `answers` are the columns that count of an answer, `seen_by` those of its chance to be seen.
    """

    def __init__(
        self, database: LogDatabase, answers: Sequence[str], seen_by: Sequence[str]
    ) -> None:
        self._database, self._answers, self._seen_by = database, answers, seen_by
        self._table = database.tables.predictions
        self._outcomes = database.tables.outcomes
        self._insert = BulkInsert(self._table, database.dialect)

    def append(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Add answered predictions, which are durable when this returns.

        A row has the log's own columns and the contract's features, of which any may be left out.
        One that is there already, by its id and role, stays as it is.
        """
        self.append_columns(columns.of_rows(rows, self._table.columns.keys()))

    def append_columns(self, rows: Columns) -> None:
        """Add answered predictions as `append` does; there may be columns that the log has not."""
        if columns.size(rows):
            with self._database.writing() as connection:
                self._insert.execute(connection, rows)

    def window(self, start: datetime, until: datetime) -> pd.DataFrame:
        """Return the predictions whose time is in [start, until), in order, with their outcomes.

        Columns: prediction_id, key, time, logged_at (UTC), bundle, role, those of answers,
        latency_ms, the contract's features, and `outcome` (of a boolean 1.0 or 0.0; missing where
        none has come).
        """
        found = list(self.batches(start, until))
        return pd.concat(found, ignore_index=True) if found else self._typed([])

    def batches(
        self, start: datetime, until: datetime, rows: int = ROWS_AT_ONCE
    ) -> Iterator[pd.DataFrame]:
        """Yield what `window` returns in frames of so many rows; none where there is no row."""
        table = self._table
        if not (selected := self._database.columns_of(table)):
            return
        query = (
            sa.select(*selected, latest_outcome(table, self._outcomes))
            .where(table.c.time >= start, table.c.time < until)
            .order_by(table.c.time, table.c.logged_at, table.c.prediction_id)
        )
        yield from map(self._typed, self._database.batches(query, rows))

    def pairs(
        self, start: datetime, until: datetime, bundle: str, rows: int = ROWS_AT_ONCE
    ) -> Iterator[pd.DataFrame]:
        """Yield the rows in [start, until) that a bundle answered and a challenger scored as well.

        Columns: challenger (its digest), what counts of both answers, named `own …` and `theirs …`,
        what says how likely the bundle's was to be seen, and `outcome`.
        """
        if not self._database.columns_of(self._table):
            return
        own, theirs = (self._table.alias(name) for name in ("own", "theirs"))
        both = sa.and_(theirs.c.prediction_id == own.c.prediction_id, theirs.c.role == "challenger")
        sides = [("own", own), ("theirs", theirs)]
        answers = {f"{side} {n}": table.c[n] for side, table in sides for n in self._answers}
        answers |= {name: own.c[name] for name in self._seen_by}
        query = (
            sa.select(theirs.c.bundle, *answers.values(), latest_outcome(own, self._outcomes))
            .join_from(own, theirs, both)
            .where(own.c.time >= start, own.c.time < until)
            .where(own.c.bundle == bundle, own.c.role != "challenger")
        )
        names = ["challenger", *answers, "outcome"]
        for found in self._database.batches(query, rows):
            yield self._with_outcome(pd.DataFrame.from_records(found, columns=names))

    def size(self, start: datetime, until: datetime) -> int:
        """Return how many predictions have a time in [start, until)."""
        time = self._table.c.time
        query = sa.select(sa.func.count()).where(time >= start, time < until)
        return self._database.scalar(query, self._table) or 0

    def answered_rows(self, first: datetime, last: datetime) -> set[tuple[str, datetime]]:
        """Return the key and the time of each row in [first, last] that was answered."""
        table = self._table
        query = sa.select(table.c.key, table.c.time).where(
            table.c.time.between(first, last), table.c.role != "challenger"
        )
        return {(str(key), time) for key, time in self._database.rows(query, table)}

    def latest(self, rows: int) -> list[tuple[datetime, datetime]]:
        """Return the time of so many predictions, the latest first, and when each was logged."""
        return self._ends(self._table.c.time.desc(), rows)

    def earliest(self, rows: int) -> list[tuple[datetime, datetime]]:
        """Return what `latest` does, of the earliest predictions, the first first."""
        return self._ends(self._table.c.time, rows)

    def answered_outside(
        self, answered: tuple[datetime, datetime], ends: tuple[datetime, datetime], rows: int
    ) -> list[datetime]:
        """Return the times of rows that were answered in a span and are outside `ends`.

        At most so many. The span has both its ends, and `ends` are [start, until).
        """
        table = self._table
        # The ids begin with the moment when they were made, soon after the answer.
        first = f"{int(1000 * answered[0].timestamp()):012x}"
        query = sa.select(table.c.time).where(
            table.c.prediction_id >= first,
            table.c.logged_at.between(*answered),
            sa.or_(table.c.time < ends[0], table.c.time >= ends[1]),
            table.c.role != "challenger",
        )
        return [time for (time,) in self._database.rows(query.limit(rows), table)]

    def count(self, prediction_ids: Sequence[str]) -> tuple[int, int]:
        """Return how many of these answers are in the log, and how many have an outcome by now."""
        table = self._table
        known = sa.exists().where(self._outcomes.c.key == table.c.key)
        logged = joined = 0
        with self._database.reading() as connection:
            for at in range(0, len(prediction_ids), KEYS_AT_ONCE):
                ids = prediction_ids[at : at + KEYS_AT_ONCE]
                query = sa.select(sa.func.count(), sa.func.sum(sa.cast(known, sa.Integer)))
                answered = (table.c.prediction_id.in_(ids), table.c.role != "challenger")
                row = connection.execute(query.select_from(table).where(*answered)).one()
                logged, joined = logged + row[0], joined + (row[1] or 0)
        return logged, joined

    def key_among(self, keys: Sequence[Any]) -> Any:
        """Return one of some keys that an answered row has; None where none has one.

        All rows' keys are read once for each few of them, as the log has no index of keys.
        """
        key = self._table.c.key
        for at in range(0, len(keys), KEYS_AT_ONCE):
            query = sa.select(key).where(key.in_(keys[at : at + KEYS_AT_ONCE])).limit(1)
            if (found := self._database.scalar(query, self._table)) is not None:
                return found
        return None

    def _ends(self, order: Any, rows: int) -> list[tuple[datetime, datetime]]:
        query = sa.select(self._table.c.time, self._table.c.logged_at).order_by(order).limit(rows)
        found = self._database.rows(query, self._table)
        return [(time, logged_at) for time, logged_at in found]

    def _typed(self, rows: Sequence[Any]) -> pd.DataFrame:
        held = list(self._table.columns)
        frame = pd.DataFrame.from_records(rows, columns=[*(c.name for c in held), "outcome"])
        numbers = [c.name for c in held if isinstance(c.type, sa.Double)]
        moments = {c.name: "datetime64[ns, UTC]" for c in held if isinstance(c.type, Utc)}
        frame = frame.astype(dict.fromkeys(numbers, "float64") | moments)
        for at, column in enumerate(held):
            if isinstance(column.type, sa.BigInteger) and column.nullable:
                frame[column.name] = _whole([row[at] for row in rows])
        return self._with_outcome(frame)

    def _with_outcome(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return a frame whose outcomes are numbers, unless they are texts."""
        is_text = isinstance(self._outcomes.c.value.type, sa.Text)
        return frame if is_text else frame.astype({"outcome": "float64"})


def _whole(values: list[Any]) -> Any:
    """Return whole numbers with all their digits, or floats where another bundle had fractions."""
    try:
        return pd.array(values, dtype="Int64")
    except (TypeError, ValueError):
        return np.array(values, dtype="float64")
