"""Many rows into a table by one statement: quick, and repeatable without a second copy.

A driver that is given one row after another lets go of Python's lock for each; beside a busy
thread, every one of them waits to have it back.
"""

import math
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa

from shared.log.moments import Utc, sqlite_moments
from shared.schema import columns
from shared.schema.columns import Columns

# SQLite takes as many parameters in a statement, since its version 3.32 of 2020.
SQLITE_PARAMETERS = 32_766
# First ones of a statement's number of rows; Python's sqlite3 keeps 128 statements prepared.
BINARY_DIGITS = 4
# SQLite keeps a NaN as NULL. Of None, and of True and False, Python's sqlite3 asks each time
# whether somebody has adapted them, which takes as long as five other values.
NULL = math.nan


class BulkInsert:
    """Adds whole rows to a table; one whose primary key is there already stays as it is."""

    def __init__(self, table: sa.Table, dialect: sa.Dialect) -> None:
        quoted = dialect.identifier_preparer
        held = list(table.columns)
        self._into = f"INSERT INTO {quoted.format_table(table)} " + "({})".format(
            ", ".join(quoted.quote(column.name) for column in held)
        )
        self._names = [column.name for column in held]
        self._types = [dialect.type_compiler_instance.process(column.type) for column in held]
        self._moments = [at for at, c in enumerate(held) if isinstance(c.type, Utc)]
        self._nullable = [at for at, c in enumerate(held) if c.nullable]
        self._booleans = [at for at, c in enumerate(held) if isinstance(c.type, sa.Boolean)]
        self._row = f"({', '.join('?' * len(held))})"
        self._most = SQLITE_PARAMETERS // len(held)
        self._by_column = dialect.name == "postgresql"
        self._statements: dict[int, str] = {}

    def execute(self, connection: sa.Connection, rows: Columns) -> None:
        """Add rows; a column that they lack is null, and one that the table lacks left out."""
        lacking = [None] * columns.size(rows)
        held = [rows.get(name, lacking) for name in self._names]
        if self._by_column:
            arrays = ", ".join(f"%s::{kind}[]" for kind in self._types)
            statement = f"{self._into} SELECT * FROM unnest({arrays}) ON CONFLICT DO NOTHING"
            connection.exec_driver_sql(statement, tuple(held))
            return
        # The layers above it take longer than SQLite itself for a row.
        execute: Any = connection.connection.driver_connection.execute  # type: ignore[union-attr]
        for statement, parameters in self._rowwise(held):
            execute(statement, parameters)

    def _rowwise(self, held: list[list[Any]]) -> Iterator[tuple[str, list[Any]]]:
        self._plainly(held)
        count, at = len(held[0]), 0
        while at < count:
            # Sizes whose binary digits after the first four are zeros: most batches are one or two
            # statements, of few kinds in all, which SQLite has prepared after a while.
            left = min(count - at, self._most)
            small = max(0, left.bit_length() - BINARY_DIGITS)
            size = left >> small << small
            parameters: list[Any] = [NULL] * (size * len(held))
            for number, column in enumerate(held):
                part = column if size == count else column[at : at + size]
                parameters[number :: len(held)] = part
            yield self._of_rows(size), parameters
            at += size

    def _plainly(self, held: list[list[Any]]) -> None:
        """Make columns of what Python's sqlite3 passes on as it is."""
        for column in self._moments:
            held[column] = sqlite_moments(held[column])
        for column in self._booleans:
            held[column] = [value if value is None else int(value) for value in held[column]]
        for column in self._nullable:
            if None in held[column]:
                held[column] = [NULL if value is None else value for value in held[column]]

    def _of_rows(self, size: int) -> str:
        """Return the statement for so many rows; to make it anew takes a while for many."""
        if size not in self._statements:
            rows = ", ".join([self._row] * size)
            self._statements[size] = f"{self._into} VALUES {rows} ON CONFLICT DO NOTHING"
        return self._statements[size]
