"""Many rows into a table by one statement: quick, and repeatable without a second copy.

A driver that is given one row after another lets go of Python's lock for each; beside a busy
thread, every one of them waits to have it back.
"""

import itertools
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
        self._width = len(held)
        self._most = SQLITE_PARAMETERS // self._width
        self._by_column = dialect.name == "postgresql"

    def execute(self, connection: sa.Connection, rows: Columns) -> None:
        """Add rows; a column that they lack is null, and one that the table lacks left out."""
        lacking = [None] * columns.size(rows)
        held = [rows.get(name, lacking) for name in self._names]
        statements = self._columnwise(held) if self._by_column else self._rowwise(held)
        for statement, parameters in statements:
            connection.exec_driver_sql(f"{statement} ON CONFLICT DO NOTHING", parameters)

    def _columnwise(self, held: list[list[Any]]) -> Iterator[tuple[str, Any]]:
        arrays = ", ".join(f"%s::{kind}[]" for kind in self._types)
        yield f"{self._into} SELECT * FROM unnest({arrays})", tuple(held)

    def _rowwise(self, held: list[list[Any]]) -> Iterator[tuple[str, Any]]:
        for at in self._moments:
            held[at] = sqlite_moments(held[at])
        values = list(itertools.chain.from_iterable(zip(*held, strict=True)))
        row, at = f"({', '.join('?' * self._width)})", 0
        while at < len(values):
            # Sizes whose binary digits after the first four are zeros: most batches are one or two
            # statements, of few kinds in all, which SQLite has prepared after a while.
            left = min((len(values) - at) // self._width, self._most)
            small = max(0, left.bit_length() - BINARY_DIGITS)
            size = left >> small << small
            parameters = tuple(values[at : at + size * self._width])
            yield f"{self._into} VALUES {', '.join([row] * size)}", parameters
            at += size * self._width
