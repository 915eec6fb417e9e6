"""A new problem of a database: its rows are looked at, and its settings ask for them again."""

import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from shared import command_words, problems
from shared.cli import main
from shared.tables import sources
from shared.tables.query import ADDRESS_VARIABLE
from tests.conftest import loans

QUERY = "SELECT * FROM loans WHERE applied >= :since"


@pytest.fixture(autouse=True)
def _beside_a_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in a folder with nothing but a database."""
    monkeypatch.setenv(problems.VARIABLE, "")
    monkeypatch.setenv(ADDRESS_VARIABLE, f"sqlite:///{tmp_path}/loans.db")
    monkeypatch.chdir(tmp_path)
    table = loans(600).assign(applied=lambda rows: rows["applied"].dt.tz_localize(None))
    with sqlite3.connect("loans.db") as connection:
        table.to_sql("loans", connection, index=False)


def asked(query: str) -> Result:
    return CliRunner().invoke(main, ["new", "loans", "--query", query, "--target", "defaulted"])


def test_its_settings_ask_for_the_rows_again_and_read_what_was_brought_in() -> None:
    done = asked(QUERY)
    assert done.exit_code == 0, done.output
    then = [
        command_words.make_target(each, "PROBLEM=loans") for each in ("ingest", "check", "train")
    ]
    assert f"then: {'; '.join(then)}\n" in done.output
    settings = problems.load_problem("problems/loans")
    assert settings.ingest.query == QUERY
    assert settings.source == sources.table_address(settings) == ".millrace/tables/loans"
    assert (settings.key, settings.time) == ("loan", "applied")
    assert len(settings.features) == 5


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT * FROM lones", "the query cannot be answered: "),
        ("SELECT * FROM loans WHERE age > 999", "the query has no rows"),
        ("SELECT income, age, defaulted FROM loans", "the query has no key and no time: select a"),
    ],
)
def test_what_cannot_be_brought_in_is_refused_with_nothing_written(query: str, said: str) -> None:
    done = asked(query)
    assert done.exit_code == 1
    assert said in done.output
    assert not Path("problems").exists()


def test_a_table_or_a_query_is_named() -> None:
    for words in (["loans"], ["loans", "loans.csv", "--query", QUERY]):
        done = CliRunner().invoke(main, ["new", *words])
        assert "name a TABLE, or ask for its rows with --query" in done.output
