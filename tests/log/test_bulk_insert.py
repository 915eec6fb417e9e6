"""Rows come into a table by few statements, each row once, on SQLite and PostgreSQL."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa

from shared.log.bulk_insert import SQLITE_PARAMETERS, BulkInsert
from shared.log.moments import Utc

EVENTS = sa.Table(
    "order",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("a %s:b", sa.Text),
    sa.Column("at", Utc),
    sa.Column("yes", sa.Boolean),
)
NAMES = EVENTS.columns.keys()
MOST = SQLITE_PARAMETERS // len(NAMES)
MIDNIGHT = datetime(2024, 3, 10, tzinfo=UTC)


@pytest.fixture
def engine(address: str) -> Iterator[sa.Engine]:
    """Return an engine whose database has the table."""
    made = sa.create_engine(address.replace("folder/", ""))
    EVENTS.create(made)
    yield made
    made.dispose()


def insert(engine: sa.Engine, rows: dict[str, list[Any]]) -> list[str]:
    """Add rows in one transaction; returns the statements that it took."""
    statements: list[str] = []

    def keep(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.connection.driver_connection.set_trace_callback(statements.append)
        else:
            sa.event.listen(connection, "before_cursor_execute", keep)
        BulkInsert(EVENTS, engine.dialect).execute(connection, rows)
    return [statement for statement in statements if statement.startswith("INSERT")]


def stored(engine: sa.Engine) -> list[tuple[Any, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(sa.select(EVENTS).order_by("id"))]


@pytest.mark.parametrize("size", [1, 2, 3, 107, MOST, MOST + 1, 2 * MOST + 7])
def test_any_number_of_rows_comes_in_by_few_statements(engine: sa.Engine, size: int) -> None:
    ids = list(range(size))
    moments = [MIDNIGHT + timedelta(microseconds=at) for at in ids]
    rows = {"id": ids, "a %s:b": [f"'{at}" for at in ids], "at": moments, "yes": [True] * size}
    statements = insert(engine, rows)
    assert stored(engine) == list(zip(*(rows[name] for name in NAMES), strict=True))
    # On SQLite each of them takes as many rows as a number of four binary digits and zeros says.
    assert 1 <= len(statements) <= (1 if engine.dialect.name == "postgresql" else 4)


def test_a_row_whose_key_is_there_stays_as_it_is(engine: sa.Engine) -> None:
    insert(engine, {"id": [1], "a %s:b": ["first"]})
    insert(engine, {"id": [0, 1, 2], "a %s:b": ["new", "second", "new"]})
    assert [row[:2] for row in stored(engine)] == [(0, "new"), (1, "first"), (2, "new")]


def test_a_column_that_rows_lack_is_null_and_one_that_the_table_lacks_left_out(
    engine: sa.Engine,
) -> None:
    insert(engine, {"yes": [False], "id": [1], "more": ["x"]})
    assert stored(engine) == [(1, None, None, False)]


def test_what_is_missing_in_some_rows_is_null_and_truths_are_truths(engine: sa.Engine) -> None:
    texts, truths = ["", None, "b"], [None, True, False]
    insert(engine, {"id": [0, 1, 2], "a %s:b": texts, "at": [None] * 3, "yes": truths})
    assert stored(engine) == [(0, "", None, None), (1, None, None, True), (2, "b", None, False)]
    assert texts == ["", None, "b"]


def test_moments_are_kept_in_utc(engine: sa.Engine) -> None:
    zone = timezone(timedelta(hours=-3.5))
    insert(engine, {"id": [0, 1], "at": [MIDNIGHT.astimezone(zone), None]})
    assert [row[2] for row in stored(engine)] == [MIDNIGHT, None]
