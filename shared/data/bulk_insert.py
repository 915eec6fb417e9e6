"""Many rows into a table by one statement: quick, and repeatable without a second copy.

A driver that is given one row after another lets go of Python's lock for each; beside a busy
thread, every one of them waits to have it back.
"""

import operator
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa

Row = dict[str, Any]
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
        self._binders = _binders(columns, dialect)
        self._by_column = dialect.name == "postgresql"

    def execute(self, connection: sa.Connection, rows: Sequence[Row]) -> None:
        """Add rows, which have every column of the table and are changed on the way."""
        for name, bound in self._binders:
            for row in rows:
                row[name] = bound(row[name])
        values = list(map(self._values, rows))
        statements = self._columnwise(values) if self._by_column else self._rowwise(values)
        for statement, parameters in statements:
            connection.exec_driver_sql(f"{statement} ON CONFLICT DO NOTHING", parameters)

    def _columnwise(self, values: Sequence[tuple[Any, ...]]) -> Iterator[tuple[str, Any]]:
        arrays = ", ".join(f"%s::{kind}[]" for kind in self._types)
        columns = tuple(list(column) for column in zip(*values, strict=True))
        yield f"{self._into} SELECT * FROM unnest({arrays})", columns

    def _rowwise(self, values: Sequence[tuple[Any, ...]]) -> Iterator[tuple[str, Any]]:
        row = f"({', '.join('?' * len(self._types))})"
        most = SQLITE_PARAMETERS // len(self._types)
        at = 0
        while at < len(values):
            # Powers of two: few statements, which SQLite has prepared after a while.
            size = 1 << (min(len(values) - at, most).bit_length() - 1)
            chunk = values[at : at + size]
            parameters = tuple(value for given in chunk for value in given)
            yield f"{self._into} VALUES {', '.join([row] * size)}", parameters
            at += size


def _binders(
    columns: Sequence[sa.Column[Any]], dialect: sa.Dialect
) -> list[tuple[str, Callable[[Any], Any]]]:
    found = [
        (column.name, column.type.dialect_impl(dialect).bind_processor(dialect))
        for column in columns
        if not isinstance(column.type, sa.Double)
    ]
    return [(name, bound) for name, bound in found if bound]
