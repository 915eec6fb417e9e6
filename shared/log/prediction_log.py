"""The prediction log: what was answered, what came true, and how the service did, as SQL tables.

SQLite unless `MILLRACE_LOG` names another database by a SQLAlchemy address. A problem's tables are
`{problem}_predictions`, `{problem}_outcomes` and `{problem}_service_minutes`. Rows are only added,
and columns too: a bundle with a new feature adds its column, none is dropped.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pandas as pd
import sqlalchemy as sa

from shared.errors import Refusal
from shared.log import database, log_tables
from shared.log.bulk_insert import BulkInsert
from shared.log.database import LogUnavailable, available
from shared.schema import columns
from shared.schema.columns import Columns
from shared.schema.contract import Contract

# As many keys as fit in one statement of any database.
KEYS_AT_ONCE = 500
ROWS_AT_ONCE = 131_072
Row = Mapping[str, Any]


class PredictionLog:
    """A problem's log. Its tables are made when it is first written; reading makes nothing.

    Raises `Refusal` for an address that names no database, `LogUnavailable` when the database does
    not answer, and `RowsRefused` when it does, but takes no such rows.
    """

    def __init__(self, problem: str, contract: Contract, address: str | None = None) -> None:
        self._problem = problem
        self._engine = database.engine(address or database.default_address(problem))
        self._file = database.file(self._engine)
        self._tables = log_tables.Tables(problem, contract)
        self._insert = BulkInsert(self._tables.predictions, self._engine.dialect)
        # The database that was prepared: of a file, which one it was.
        self._made: int | None = None

    @property
    def address(self) -> str:
        """The database's address, without its password."""
        return database.shown(self._engine)

    def of(self, contract: Contract) -> "PredictionLog":
        """Return the log of the same problem in the same database for another contract."""
        address = self._engine.url.render_as_string(hide_password=False)
        return PredictionLog(self._problem, contract, address)

    def prepare(self) -> None:
        """Make the tables and columns that are lacking, so that the first answer need not wait.

        Raises `Refusal` where a column there holds another type.
        """
        if self._file:
            # A file that was taken away stays open: what is written into it would be lost with it.
            self._engine.dispose()
            with available(self._engine):
                self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._writing() as connection:
            log_tables.alone(connection)
            log_tables.create_tables(connection, self._tables)
        self._made = self._there()

    def append(self, rows: Sequence[Row]) -> None:
        """Add answered predictions, which are durable when this returns.

        A row has the log's own columns and the contract's features, of which any may be left out.
        One that is there already, by its id and role, stays as it is.
        """
        self.append_columns(columns.of_rows(rows, self._tables.predictions.columns.keys()))

    def append_columns(self, rows: Columns) -> None:
        """Add answered predictions as `append` does; there may be columns that the log has not."""
        self._be_prepared()
        if columns.size(rows):
            try:
                with self._writing() as connection:
                    self._insert.execute(connection, rows)
            except LogUnavailable:
                # It may come back as another database, or without its tables.
                self._made = None
                raise

    def add_minutes(self, rows: Sequence[Row]) -> None:
        """Add service minutes: minute, server, requests, rows, rejected, errors, p50_ms, p99_ms.

        And, where they were counted, `log_tables.KINDS`, queue_rows, spool_rows, p90_ms, p999_ms,
        max_ms.
        """
        self._be_prepared()
        if rows:
            with self._writing() as connection:
                connection.execute(sa.insert(self._tables.minutes), list(rows))

    def add_outcomes(self, outcomes: Mapping[Any, bool]) -> dict[str, int]:
        """Add true labels by key; returns how many were `added`, `corrected`, and `unchanged`.

        A label that stands already adds no row. Another one for the same key does, and is from then
        on the one that counts.
        """
        self._be_prepared()
        table, now = self._tables.outcomes, datetime.now(UTC)
        with self._writing() as connection:
            log_tables.alone(connection)
            standing = self._standing(connection, list(outcomes))
            new = {key: value for key, value in outcomes.items() if standing.get(key) != value}
            rows = [{"key": key, "value": value, "logged_at": now} for key, value in new.items()]
            if rows:
                connection.execute(sa.insert(table), rows)
        corrected = len(new.keys() & standing.keys())
        return {
            "added": len(new) - corrected,
            "corrected": corrected,
            "unchanged": len(outcomes) - len(new),
        }

    def window(self, start: datetime, until: datetime) -> pd.DataFrame:
        """Return the predictions whose time is in [start, until), in order, with their outcomes.

        Columns: prediction_id, key, time, logged_at (UTC), bundle, role, prediction, probability,
        latency_ms, the contract's features, and `outcome` (1.0, 0.0, NaN where none has come).
        """
        found = list(self.batches(start, until))
        return pd.concat(found, ignore_index=True) if found else self._typed([])

    def batches(
        self, start: datetime, until: datetime, rows: int = ROWS_AT_ONCE
    ) -> Iterator[pd.DataFrame]:
        """Yield what `window` returns in frames of so many rows; none where there is no row."""
        table = self._tables.predictions
        held = self._columns_there(table)
        if not held:
            return
        query = (
            sa.select(*_selected(table, held), self._latest_outcome(table))
            .where(table.c.time >= start, table.c.time < until)
            .order_by(table.c.time, table.c.logged_at, table.c.prediction_id)
        )
        with self._reading() as connection:
            streamed = connection.execution_options(yield_per=rows).execute(query)
            for found in streamed.partitions():
                yield self._typed(found)

    def pairs(
        self, start: datetime, until: datetime, bundle: str, rows: int = ROWS_AT_ONCE
    ) -> Iterator[pd.DataFrame]:
        """Yield the rows in [start, until) that a bundle answered and a challenger scored as well.

        Columns: challenger (its digest), own and theirs (both probabilities), and `outcome`.
        """
        own, theirs = (self._tables.predictions.alias(name) for name in ("own", "theirs"))
        if not self._columns_there(self._tables.predictions):
            return
        both = sa.and_(theirs.c.prediction_id == own.c.prediction_id, theirs.c.role == "challenger")
        scores = theirs.c.bundle, own.c.probability, theirs.c.probability
        query = (
            sa.select(*scores, self._latest_outcome(own))
            .join_from(own, theirs, both)
            .where(own.c.time >= start, own.c.time < until)
            .where(own.c.bundle == bundle, own.c.role != "challenger")
        )
        names = ["challenger", "own", "theirs", "outcome"]
        with self._reading() as connection:
            streamed = connection.execution_options(yield_per=rows).execute(query)
            for found in streamed.partitions():
                frame = pd.DataFrame.from_records(found, columns=names)
                yield frame.astype({"outcome": "float64"})

    def size(self, start: datetime, until: datetime) -> int:
        """Return how many predictions have a time in [start, until)."""
        table = self._tables.predictions
        if not self._columns_there(table):
            return 0
        query = sa.select(sa.func.count()).where(table.c.time >= start, table.c.time < until)
        with self._reading() as connection:
            return int(connection.scalar(query) or 0)

    def count(self, prediction_ids: Sequence[str]) -> tuple[int, int]:
        """Return how many of these answers are in the log, and how many have an outcome by now."""
        table, outcomes = self._tables.predictions, self._tables.outcomes
        known = sa.exists().where(outcomes.c.key == table.c.key)
        logged = joined = 0
        with self._reading() as connection:
            for at in range(0, len(prediction_ids), KEYS_AT_ONCE):
                ids = prediction_ids[at : at + KEYS_AT_ONCE]
                query = sa.select(sa.func.count(), sa.func.sum(sa.cast(known, sa.Integer)))
                answered = (table.c.prediction_id.in_(ids), table.c.role != "challenger")
                row = connection.execute(query.select_from(table).where(*answered)).one()
                logged, joined = logged + row[0], joined + (row[1] or 0)
        return logged, joined

    def newest(self) -> datetime | None:
        """Return the latest prediction's time; None when there is none."""
        if not self._columns_there(self._tables.predictions):
            return None
        with self._reading() as connection:
            return connection.scalar(sa.select(sa.func.max(self._tables.predictions.c.time)))

    def minutes(self, start: datetime, until: datetime) -> pd.DataFrame:
        """Return the service minutes that touch [start, until], a row per minute and server.

        NaN is what was not counted, as in minutes from before it was, or had no request.
        """
        table = self._tables.minutes
        began = start.replace(second=0, microsecond=0)
        held = self._columns_there(table)
        query = (
            sa.select(*_selected(table, held))
            .where(table.c.minute >= began, table.c.minute <= until)
            .order_by(table.c.minute, table.c.server)
        )
        frame = self._read(query) if held else _empty(query)
        measured = [column.name for column in table.columns if column.nullable]
        return frame.astype({"minute": "datetime64[ns, UTC]"} | dict.fromkeys(measured, "float64"))

    def reach(self) -> None:
        """Do nothing but reach the database."""
        with self._reading() as connection:
            connection.execute(sa.select(1))

    def tidy(self) -> None:
        """Do beside the writers what a commit would have to do now and then."""
        with available(self._engine):
            database.checkpoint(self._engine)

    def close(self) -> None:
        """Give the database's connections back."""
        self._engine.dispose()

    def _be_prepared(self) -> None:
        if self._made is None or self._made != self._there():
            self.prepare()

    def _there(self) -> int | None:
        """Tell one database file from another that took its place; None when there is none."""
        if self._file is None:
            return 0
        try:
            return self._file.stat().st_ino
        except OSError:
            return None

    def _latest_outcome(self, predictions: sa.FromClause) -> sa.Label[Any]:
        outcomes = self._tables.outcomes
        return (
            sa.select(sa.cast(outcomes.c.value, sa.Integer))
            .where(outcomes.c.key == predictions.c.key)
            .order_by(outcomes.c.id.desc())
            .limit(1)
            .scalar_subquery()
            .label("outcome")
        )

    def _standing(self, connection: sa.Connection, keys: list[Any]) -> dict[Any, bool]:
        table = self._tables.outcomes
        found: dict[Any, bool] = {}
        for at in range(0, len(keys), KEYS_AT_ONCE):
            newest = sa.select(sa.func.max(table.c.id)).group_by(table.c.key)
            newest = newest.where(table.c.key.in_(keys[at : at + KEYS_AT_ONCE]))
            query = sa.select(table.c.key, table.c.value).where(table.c.id.in_(newest))
            found.update(tuple(row) for row in connection.execute(query))
        return found

    def _columns_there(self, table: sa.Table) -> set[str]:
        """Return a table's columns as the database has them; none when it is not there."""
        if self._file and not self._file.is_file():
            return set()
        with self._reading() as connection:
            inspector = sa.inspect(connection)
            there = inspector.has_table(table.name)
            return {c["name"] for c in inspector.get_columns(table.name)} if there else set()

    def _read(self, query: sa.Select[Any]) -> pd.DataFrame:
        with self._reading() as connection:
            answer = connection.execute(query)
            return pd.DataFrame.from_records(answer.fetchall(), columns=list(answer.keys()))

    def _typed(self, rows: Sequence[Any]) -> pd.DataFrame:
        held = list(self._tables.predictions.columns)
        frame = pd.DataFrame.from_records(rows, columns=[*(c.name for c in held), "outcome"])
        numbers = [c.name for c in held if isinstance(c.type, sa.Double)]
        moments = {c.name: "datetime64[ns, UTC]" for c in held if _is_moment(c)}
        return frame.astype(dict.fromkeys([*numbers, "outcome"], "float64") | moments)

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        with available(self._engine), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        with available(self._engine), self._engine.begin() as connection:
            yield connection


@contextmanager
def opened_log(problem: str, contract: Contract) -> Iterator[PredictionLog]:
    """Open a problem's log, and close it at the end of the block.

    Raises `Refusal` when the database does not answer in the block.
    """
    log = PredictionLog(problem, contract)
    try:
        yield log
    except LogUnavailable as error:
        raise Refusal(f"the prediction log is not available: {error}") from None
    finally:
        log.close()


def _selected(table: sa.Table, held: set[str]) -> list[sa.ColumnElement[Any]]:
    return [c if c.name in held else sa.null().label(c.name) for c in table.columns]


def _empty(query: sa.Select[Any]) -> pd.DataFrame:
    return pd.DataFrame(columns=[column.name for column in query.selected_columns], dtype=object)


def _is_moment(column: sa.Column[Any]) -> bool:
    return isinstance(column.type, log_tables.Utc)
