"""An address becomes a database that keeps what it commits, or is refused in one line."""

import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from shared.errors import Refusal
from shared.log import database
from shared.log.database import LogUnavailable
from shared.log.prediction_log import PredictionLog
from tests.log.loans import EVER, LOAN, answered, contract
from tests.postgres import Postgres


def test_without_an_address_the_log_is_a_file_under_this_folder_or_what_the_variable_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(database.VARIABLE, raising=False)
    PredictionLog("loans", contract(LOAN)).predictions.append([answered(0)])
    assert (tmp_path / ".millrace" / "loans.db").is_file()
    monkeypatch.setenv(database.VARIABLE, f"sqlite:///{tmp_path / 'other.db'}")
    PredictionLog("loans", contract(LOAN)).predictions.append([answered(0)])
    assert (tmp_path / "other.db").is_file()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("log.db", "no database's address"),
        ("postgresql+psycopg", "no database's address"),
        ("postgresql+psycopg://ada:secret@host:port/logs", "no database's address"),
        ("postgresql+nosuch://ada:secret@host/logs", "no database's address"),
        ("mysql://ada:secret@host/logs", "mysql is not supported; give a sqlite or postgresql"),
        ("postgresql+pg8000://ada:secret@host/logs", "no driver for postgresql.pg8000"),
        ("sqlite://", "names no file"),
        ("sqlite:///", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("sqlite:///file:log.db?mode=memory&uri=true", "names no file"),
    ],
)
def test_an_address_of_no_database_is_refused_in_one_line_that_keeps_the_password(
    given: str, said: str
) -> None:
    with pytest.raises(Refusal, match=said) as caught:
        PredictionLog("loans", contract(LOAN), given)
    assert "MILLRACE_LOG" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_folder_that_cannot_be_made_is_a_log_that_is_away(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    log = PredictionLog("loans", contract(LOAN), f"sqlite:///{tmp_path / 'taken' / 'x' / 'log.db'}")
    with pytest.raises(LogUnavailable, match=r"log\.db: .*Not a directory") as caught:
        log.predictions.append([answered(0)])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("work", ["append", "window"])
def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path: Path, work: str) -> None:
    file = tmp_path / "log.db"
    file.write_text("notes of mine\n" * 100)
    log = PredictionLog("loans", contract(LOAN), f"sqlite:///{file}")
    with pytest.raises(LogUnavailable, match="not a database"):
        log.predictions.append([answered(0)]) if work == "append" else log.predictions.window(*EVER)
    assert file.read_text() == "notes of mine\n" * 100


@pytest.mark.parametrize("place", ["ada:secret@{}/logs", "ada@{}/logs?password=secret"])
@pytest.mark.parametrize(
    "work",
    [
        lambda log: log.prepare(),
        lambda log: log.predictions.append([answered(0)]),
        lambda log: log.outcomes.add({"L0": True}),
        lambda log: log.predictions.window(*EVER),
        lambda log: log.predictions.latest(1),
        lambda log: log.minutes.between(*EVER),
    ],
    ids=["prepare", "append", "add_outcomes", "window", "latest", "minutes"],
)
def test_a_postgresql_that_is_away_is_told_in_one_line_that_keeps_the_password(
    place: str, work: Callable[[PredictionLog], Any]
) -> None:
    pytest.importorskip("psycopg")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        where = f"127.0.0.1:{taken.getsockname()[1]}"
        address = f"postgresql+psycopg://{place.format(where)}"
        log = PredictionLog("loans", contract(LOAN), address)
        with pytest.raises(LogUnavailable, match="refused") as caught:
            work(log)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value) + log.address


def test_a_postgresql_without_that_database_is_a_log_that_is_away(postgres: Postgres) -> None:
    address = f"{postgres.address}_of_another_name"
    with pytest.raises(LogUnavailable, match="does not exist") as caught:
        PredictionLog("loans", contract(LOAN), address).prepare()
    assert "\n" not in str(caught.value)


def test_sqlite_writes_ahead_and_waits_for_the_disk(tmp_path: Path) -> None:
    log = PredictionLog("loans", contract(LOAN), f"sqlite:///{tmp_path / 'log.db'}")
    log.predictions.append([answered(0)])
    with log.writing() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    with closing(sqlite3.connect(tmp_path / "log.db")) as other:
        assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
