"""A problem's tables in the log's database, which are made when they are first written."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from shared import problem_commands
from shared.log import database, log_tables
from shared.log.database import LogUnavailable, available
from shared.schema.contract import Contract

# Of the pages that are written ahead before a commit would take them into the file.
MUCH_AHEAD = database.MOST_AHEAD // 2


class LogDatabase:
    """The database of a problem's log; reading it makes nothing.

    With `lock_seconds`, it is waited for another writer no longer than that. Raises `Refusal` for
    an address that names no database, `LogUnavailable` when the database does not answer or is
    locked, or when its file is not the one that was prepared, or not whole; and `RowsRefused` when
    it answers, but takes no such rows.
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
        self.problem = problem
        self.tables = log_tables.Tables(problem, contract)
        self._prepared = False
        # Which file was prepared, with its bytes when last seen; and what SQLite found wrong in it.
        self._seen: tuple[int, int] | None = None
        self._damage: str | None = None

    @property
    def address(self) -> str:
        """The database's address, without its password."""
        return database.shown(self._engine)

    @property
    def is_file(self) -> bool:
        """Whether it is a file that this process writes itself."""
        return self._file is not None

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
        self._prepared, self._seen = True, self._there()

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """Begin a transaction on tables that are there; it is durable when the block has ended."""
        self._look()
        if not self._prepared:
            self.prepare()
        try:
            with available(self._engine), self._engine.begin() as connection:
                yield connection
            if self._look() is None and self._file:
                raise LogUnavailable(f"{self.address}: the file was taken away")
        except LogUnavailable as error:
            # It may come back as another database, or without its tables.
            self._prepared = False
            self._note_damage(error)
            raise

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """Connect to read."""
        # A new connection would take up what was written ahead of another file.
        self._look()
        try:
            with available(self._engine), self._engine.connect() as connection:
                yield connection
        except LogUnavailable as error:
            self._note_damage(error)
            raise

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

    def rows(self, query: sa.Select[Any], table: sa.Table) -> Sequence[Any]:
        """Return a query's rows; none where the database has no such table."""
        if not self.columns_of(table):
            return []
        with self.reading() as connection:
            return connection.execute(query).all()

    def scalar(self, query: sa.Select[Any], table: sa.Table) -> Any:
        """Return the first value of a query; None where there is none, or no such table."""
        rows = self.rows(query, table)
        return rows[0][0] if rows else None

    def check_writable(self) -> None:
        """Write nothing, but as a write: a database that can only be read is away."""
        with self.writing() as connection:
            connection.execute(sa.delete(self.tables.predictions).where(sa.false()))

    def tidy(self) -> None:
        """Take what SQLite has written ahead into its file, so that no commit has to.

        To begin its list anew lets writers wait, so that is done where it has become long.
        """
        if self._file:
            with self.reading() as connection:
                _, ahead, _ = connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)").one()
                if ahead > MUCH_AHEAD:
                    # What came meanwhile is little; the writers wait for that alone.
                    connection.exec_driver_sql("PRAGMA wal_checkpoint(RESTART)").close()

    def close(self) -> None:
        """Give the database's connections back."""
        self._engine.dispose()

    def _look(self) -> tuple[int, int] | None:
        """Look at the file; None where there is none, which is begun anew when it is written.

        SQLite does not look: what it writes beside another file, or one that was emptied, is lost.
        Raises `LogUnavailable` where it is not as it was left.
        """
        if self._file is None:
            return None
        now, before = self._there(), self._seen
        if now is None:
            self._prepared, self._seen, self._damage = False, None, None
        elif before:
            if words := self._damage or _fault(before, now):
                raise LogUnavailable(f"{self.address}: {words}, and start again")
            self._seen = now
        return now

    def _note_damage(self, error: LogUnavailable) -> None:
        if self._seen and database.is_damage(error):
            check = problem_commands.millrace_command("log check", problem=self.problem)
            self._damage = f"it is damaged: test it by `{check}`, restore it"

    def _there(self) -> tuple[int, int] | None:
        """Tell one database file from another that took its place; None when there is none."""
        try:
            # By its name alone: to open the file and close it would end SQLite's locks on it.
            found = self._file.stat() if self._file else None
        except OSError:
            return None
        return (found.st_ino, found.st_size) if found else None


def _fault(before: tuple[int, int], now: tuple[int, int]) -> str | None:
    """Return what has become of a file that SQLite does to none."""
    if now[0] != before[0]:
        return "another file is in its place: put the right one there"
    return "it was emptied: put the right one in its place" if before[1] and not now[1] else None
