"""Whether a log is whole: what the database's own check finds, and whether each row can be read."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc

from shared.log import contents, database
from shared.log.contents import NAMES
from shared.words import number_of

ROWS_AT_ONCE = 20_000
# Of a file that is damaged in many places the first are enough.
MOST_FAULTS = 20


@dataclass(frozen=True)
class Integrity:
    """A log's address, how many rows of each table could be read, and what is wrong with it."""

    address: str
    rows: dict[str, int]
    faults: tuple[str, ...]


def check(problem: str) -> Integrity:
    """Test a problem's log, reading all of it; nothing is written.

    Raises `Refusal` when there is none, when it is no log of the problem, or when its database does
    not answer.
    """
    with contents.opened(problem) as (connection, tables):
        faults = _of_file(connection) if connection.dialect.name == "sqlite" else []
        rows = {}
        for name in NAMES:
            rows[name], fault = _readable(connection, tables[name])
            faults += [f"{name.replace('_', ' ')}: {fault}"] if fault else []
        return Integrity(database.shown(connection.engine), rows, tuple(faults))


def _of_file(connection: sa.Connection) -> list[str]:
    """Return what SQLite finds wrong with pages, rows and indexes."""
    try:
        found = connection.exec_driver_sql(f"PRAGMA integrity_check({MOST_FAULTS})").scalars()
        return [line for text in found for line in str(text).splitlines() if line != "ok"]
    except exc.DBAPIError as error:
        return [str(error.orig)]


def _readable(connection: sa.Connection, table: sa.Table) -> tuple[int, str | None]:
    """Read a table; returns how many rows came, and why no more did."""
    rows, streaming = 0, connection.execution_options(yield_per=ROWS_AT_ONCE)
    try:
        found: Any = streaming.execute(sa.select(table))
        for part in found.partitions():
            rows += len(part)
    except exc.DBAPIError as error:
        return rows, f"{str(error.orig).splitlines()[0]} after {number_of(rows, 'row')}"
    except ValueError as error:
        return rows, f"a value cannot be read after {number_of(rows, 'row')}: {error}"
    return rows, None
