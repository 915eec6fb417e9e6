"""A database is asked a query, and answers in batches, or is refused in one line."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
import sqlalchemy as sa

from shared.errors import Refusal
from shared.tables.query import ADDRESS_VARIABLE, query_batches

# An hour before New York, where the test's PostgreSQL stands, goes to summer time.
NOON = datetime(2024, 3, 10, 6, tzinfo=UTC)
NEWER = "SELECT id FROM events WHERE at >= :since ORDER BY id"


@pytest.fixture(params=["sqlite", "postgresql"])
def events(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> pd.DataFrame:
    """Fill the database that MILLRACE_SOURCE names with an event an hour."""
    address = f"sqlite:///{tmp_path / 'shop.db'}"
    if request.param == "postgresql":
        address = request.getfixturevalue("postgres").new_address()
    monkeypatch.setenv(ADDRESS_VARIABLE, address)
    rows = pd.DataFrame({"id": range(7), "at": [NOON + timedelta(hours=at) for at in range(7)]})
    written = rows.assign(at=rows["at"].dt.strftime("%Y-%m-%d %H:%M:%S.%f"))
    engine = sa.create_engine(address)
    (written if request.param == "sqlite" else rows).to_sql("events", engine, index=False)
    engine.dispose()
    return rows


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=-4))])
def test_a_query_is_answered_from_the_moment_that_it_asks_for(
    events: pd.DataFrame, zone: timezone
) -> None:
    since = (NOON + timedelta(hours=3)).astimezone(zone)
    found = pa.concat_tables(query_batches(NEWER, since, 100))
    assert found.column("id").to_pylist() == [3, 4, 5, 6]


def test_an_answer_comes_in_tables_of_at_most_so_many_rows(events: pd.DataFrame) -> None:
    tables = list(query_batches("SELECT id FROM events ORDER BY id", NOON, 3))
    assert [table.column("id").to_pylist() for table in tables] == [[0, 1, 2], [3, 4, 5], [6]]


def test_a_query_that_the_database_refuses_is_told_in_one_line(events: pd.DataFrame) -> None:
    with pytest.raises(Refusal, match="the query cannot be answered: .*nothing") as no:
        list(query_batches("SELECT nothing FROM events", NOON, 3))
    assert "\n" not in str(no.value)


@pytest.mark.parametrize("address", ["shop.db", "sqlite:////nowhere/at/all/shop.db"])
def test_an_address_of_no_database_is_told_in_one_line(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ADDRESS_VARIABLE, address)
    with pytest.raises(Refusal, match="cannot be answered") as refused:
        list(query_batches(NEWER, NOON, 3))
    assert "\n" not in str(refused.value)


def test_without_an_address_the_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(ADDRESS_VARIABLE, raising=False)
    with pytest.raises(Refusal, match="needs the database's address in MILLRACE_SOURCE"):
        list(query_batches(NEWER, NOON, 3))


def test_columns_of_one_name_in_an_answer_are_refused(events: pd.DataFrame) -> None:
    query = "SELECT id, at AS id FROM events"
    with pytest.raises(
        Refusal,
        match=r"its answer: columns \['id'\] are there more than once: rename one$",
    ):
        list(query_batches(query, NOON, rows=10))
