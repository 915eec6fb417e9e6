"""A problem's tables in the log's database, which are made when they are first written."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from shared.log import database, log_tables
from shared.log.database import LogUnavailable, available
from shared.schema.contract import Contract


class LogDatabase:
    """The database of a problem's log; reading it makes nothing.

    With `lock_seconds`, it is waited for another writer no longer than that. Raises `Refusal` for
    an address that names no database, `LogUnavailable` when the database does not answer or is
    locked, and `RowsRefused` when it answers, but takes no such rows.
    """

    def __init__(
        self,
        problem: str,
        contract: Contract,
        address: str | None = None,
        lock_seconds: float | None = None,
    ) -> None:
        address = address or database.default_address(problem)
        self._engine = database.engine(address, lock_seconds)
        self._file = database.file(self._engine)
        self.tables = log_tables.Tables(problem, contract)
        # The database that was prepared: of a file, which one it was.
        self._prepared: int | None = None

    @property
    def address(self) -> str:
        """The database's address, without its password."""
        return database.shown(self._engine)

    @property
    def dialect(self) -> sa.Dialect:
        """What kind of database it is."""
        return self._engine.dialect

    def prepare(self) -> None:
        """Make the tables and columns that are lacking, so that the first answer need not wait.

        Raises `Refusal` where a column there holds another type.
        """
        with available(self._engine):
            if self._file:
                # A file that was taken away stays open: what is written into it would be lost.
                self._engine.dispose()
                self._file.parent.mkdir(parents=True, exist_ok=True)
            with self._engine.begin() as connection:
                log_tables.alone(connection)
                log_tables.create_tables(connection, self.tables)
        self._prepared = self._there()

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Begin a transaction on tables that are there; it is durable when the block has ended."""
        if self._prepared is None or self._prepared != self._there():
            self.prepare()
        try:
            with available(self._engine), self._engine.begin() as connection:
                yield connection
        except LogUnavailable:
            # It may come back as another database, or without its tables.
            self._prepared = None
            raise

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Connect to read."""
        with available(self._engine), self._engine.connect() as connection:
            yield connection

    def batches(self, query: sa.Select[Any], rows: int) -> Iterator[Sequence[sa.Row[Any]]]:
        """Yield a query's rows, so many at once, as the database finds them."""
        with self.reading() as connection:
            yield from connection.execution_options(yield_per=rows).execute(query).partitions()

    def columns_of(self, table: sa.Table) -> list[sa.ColumnElement[Any]]:
        """Return a table's columns, null for what the database lacks; none if it has no table."""
        if self._file and not self._file.is_file():
            return []
        with self.reading() as connection:
            inspector = sa.inspect(connection)
            if not inspector.has_table(table.name):
                return []
            there = {column["name"] for column in inspector.get_columns(table.name)}
        return [c if c.name in there else sa.null().label(c.name) for c in table.columns]

    def check_writable(self) -> None:
        """Write nothing, but as a write: a database that can only be read is away."""
        with self.writing() as connection:
            connection.execute(sa.delete(self.tables.predictions).where(sa.false()))

    def tidy(self) -> None:
        """Take what SQLite has written ahead into its file, so that no commit has to."""
        if self._file:
            with self.reading() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")
                # What came meanwhile is little; the writers wait for that alone.
                connection.exec_driver_sql("PRAGMA wal_checkpoint(RESTART)")

    def close(self) -> None:
        """Give the database's connections back."""
        self._engine.dispose()

    def _there(self) -> int | None:
        """Tell one database file from another that took its place; None when there is none."""
        if self._file is None:
            return 0
        try:
            return self._file.stat().st_ino
        except OSError:
            return None
