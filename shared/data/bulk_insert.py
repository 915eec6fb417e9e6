"""Many rows into a table by one statement: quick, and repeatable without a second copy.

A driver that is given one row after another lets go of Python's lock for each; beside a busy
thread, every one of them waits to have it back.
"""

import itertools
import operator
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from shared.data import log_tables
from shared.data.log_tables import Utc

# SQLite takes as many parameters in a statement, since its version 3.32 of 2020.
SQLITE_PARAMETERS = 32_766


class BulkInsert:
    """Adds whole rows to a table; one whose primary key is there already stays as it is."""

    def __init__(self, table: sa.Table, dialect: sa.Dialect) -> None:
        quoted = dialect.identifier_preparer
        columns = list(table.columns)
        self._into = f"INSERT INTO {quoted.format_table(table)} " + "({})".format(
            ", ".join(quoted.quote(column.name) for column in columns)
        )
        self._values = operator.itemgetter(*(column.name for column in columns))
        self._types = [dialect.type_compiler_instance.process(column.type) for column in columns]
        self._moments = [at for at, c in enumerate(columns) if isinstance(c.type, Utc)]
        self._width = len(columns)
        self._most = SQLITE_PARAMETERS // self._width
        self._by_column = dialect.name == "postgresql"

    def execute(self, connection: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Add rows, which have every column of the table, and may have others."""
        values = list(itertools.chain.from_iterable(map(self._values, rows)))
        statements = self._columnwise(values) if self._by_column else self._rowwise(values)
        for statement, parameters in statements:
            connection.exec_driver_sql(f"{statement} ON CONFLICT DO NOTHING", parameters)

    def _columnwise(self, values: list[Any]) -> Iterator[tuple[str, Any]]:
        arrays = ", ".join(f"%s::{kind}[]" for kind in self._types)
        columns = tuple(values[at :: self._width] for at in range(self._width))
        yield f"{self._into} SELECT * FROM unnest({arrays})", columns

    def _rowwise(self, values: list[Any]) -> Iterator[tuple[str, Any]]:
        for at in self._moments:
            values[at :: self._width] = log_tables.sqlite_moments(values[at :: self._width])
        row, at = f"({', '.join('?' * self._width)})", 0
        while at < len(values):
            # Powers of two: few statements, which SQLite has prepared after a while.
            size = 1 << (min((len(values) - at) // self._width, self._most).bit_length() - 1)
            parameters = tuple(values[at : at + size * self._width])
            yield f"{self._into} VALUES {', '.join([row] * size)}", parameters
            at += size * self._width
