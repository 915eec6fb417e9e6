"""A log is made when it is first written, and again when its database went."""

import os
import re
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from shared.log import log_database
from shared.log.database import LogUnavailable
from shared.log.prediction_log import PredictionLog
from tests.log.loans import EVER, LATER, LOAN, OWN, MakeLog, answered, contract, rows, sql
from tests.postgres import Postgres


def test_a_log_that_is_not_there_reads_as_empty_and_is_not_made(
    log: PredictionLog, address: str, tmp_path: Path
) -> None:
    window, minutes = log.predictions.window(*EVER), log.minutes.between(*EVER)
    assert (len(window), len(minutes), log.predictions.latest(1)) == (0, 0, [])
    assert {name: str(t) for name, t in window.dtypes.items()} == {
        "prediction_id": "object",
        "key": "object",
        "time": "datetime64[ns, UTC]",
        "logged_at": "datetime64[ns, UTC]",
        "bundle": "object",
        "role": "object",
        "prediction": "object",
        "probability": "float64",
        "latency_ms": "float64",
        "income": "float64",
        "age": "Int64",
        "region": "object",
        "employed": "object",
        "outcome": "float64",
    }
    assert {name: str(t) for name, t in minutes.dtypes.items()} == {
        "minute": "datetime64[ns, UTC]",
        "server": "object",
        **dict.fromkeys(["requests", "rows", "rejected", "errors"], "object"),
        **dict.fromkeys(["p50_ms", "p99_ms", *LATER], "float64"),
        **dict.fromkeys(["row_faults", "outcome_faults"], "object"),
    }
    if address.startswith("sqlite"):
        assert list(tmp_path.iterdir()) == []
    else:
        with sql(address) as connection:
            assert sa.inspect(connection).get_table_names() == []


def test_reading_adds_no_column(make_log: MakeLog, address: str) -> None:
    make_log({"age": "integer"}).prepare()
    make_log({"income": "number"}).predictions.window(*EVER)
    with sql(address) as connection:
        columns = sa.inspect(connection).get_columns("loans_predictions")
    assert [column["name"] for column in columns] == [*OWN, "age"]


def test_nothing_appended_is_nothing_read(log: PredictionLog) -> None:
    log.predictions.append([])
    log.minutes.add([])
    assert log.outcomes.add({}) == {"added": 0, "corrected": 0, "unchanged": 0}
    assert (
        rows(log.predictions.window(*EVER)),
        log.predictions.latest(1),
        rows(log.minutes.between(*EVER)),
    ) == ([], [], [])


def test_a_file_that_was_taken_away_is_begun_anew(tmp_path: Path) -> None:
    log = PredictionLog("loans", contract({}), f"sqlite:///{tmp_path / 'log.db'}")
    log.predictions.append([answered(0)])
    for file in tmp_path.iterdir():
        file.unlink()
    log.predictions.append([answered(1)])
    assert list(log.predictions.window(*EVER)["key"]) == ["L1"]
    log.close()


def test_a_postgresql_that_comes_back_has_every_row_and_takes_more(postgres: Postgres) -> None:
    log = PredictionLog("loans", contract(LOAN), postgres.new_address())
    log.predictions.append([answered(0)])
    postgres.crash()
    try:
        with pytest.raises(LogUnavailable):
            log.predictions.append([answered(1)])
    finally:
        postgres.start()
    log.predictions.append([answered(2)])
    postgres.crash()  # and back before anybody asks
    postgres.start()
    log.predictions.append([answered(3)])
    assert list(log.predictions.window(*EVER)["key"]) == ["L0", "L2", "L3"]
    log.close()


@contextmanager
def locked(address: str) -> Iterator[None]:
    """Lock the log's predictions against whoever writes, as another program would."""
    with sql(address) as connection:
        if address.startswith("sqlite"):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.exec_driver_sql("LOCK TABLE loans_predictions")
        yield
        connection.rollback()


def test_a_lock_is_waited_for_no_longer_than_wanted_and_looked_at_as_a_writer_would(
    address: str,
) -> None:
    log = PredictionLog("loans", contract(LOAN), address, lock_seconds=0.2)
    log.predictions.append([answered(0)])
    log.check_writable()
    with locked(address):
        for work in (log.check_writable, lambda: log.predictions.append([answered(1)])):
            began = time.monotonic()
            with pytest.raises(LogUnavailable, match="lock"):
                work()
            assert time.monotonic() - began < 5
    log.check_writable()
    assert rows(log.predictions.window(*EVER)[["key"]]) == [{"key": "L0"}]
    log.close()


def other(file: Path) -> None:
    with sqlite3.connect(file.with_suffix(".other")) as connection:
        connection.execute("CREATE TABLE theirs (value)")
    connection.close()
    file.with_suffix(".other").replace(file)


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (other, "another file is in its place"),
        (lambda file: os.truncate(file, 0), "it was emptied"),
    ],
    ids=["replaced", "emptied"],
)
def test_a_file_that_is_not_as_it_was_left_takes_nothing_and_gives_nothing(
    tmp_path: Path, damage: Callable[[Path], None], words: str
) -> None:
    file = tmp_path / "log.db"
    log = PredictionLog("loans", contract({}), f"sqlite:///{file}")
    log.predictions.append([answered(at) for at in range(500)])
    log.tidy()
    log.predictions.append([answered(900)])
    damage(file)
    left = file.read_bytes()
    for work in (
        lambda: log.predictions.append([answered(1_000)]),
        log.check_writable,
        log.tidy,
        lambda: log.predictions.latest(1),
    ):
        with pytest.raises(LogUnavailable, match=words):
            work()
    assert file.read_bytes() == left
    log.close()


def test_a_file_that_was_cut_off_takes_nothing_once_sqlite_has_seen_it(tmp_path: Path) -> None:
    file = tmp_path / "log.db"
    log = PredictionLog("loans", contract({}), f"sqlite:///{file}")
    log.predictions.append([answered(at) for at in range(3_000)])
    log.tidy()
    os.truncate(file, file.stat().st_size // 8 // 4_096 * 4_096)
    log.predictions.append([answered(10_000)])
    with pytest.raises(LogUnavailable, match="malformed"):
        log.tidy()
    for work in (log.check_writable, lambda: log.predictions.append([answered(10_001)])):
        with pytest.raises(
            LogUnavailable, match="it is damaged: test it by `.*millrace log check --problem loans`"
        ):
            work()
    log.close()


def test_what_is_written_ahead_comes_into_the_file_and_its_list_begins_anew_once_it_is_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, taken = tmp_path / "log.db", list[str]()

    def keep(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        taken.extend(re.findall(r"PRAGMA wal_checkpoint\((\w+)\)", statement))

    log = PredictionLog("loans", contract({}), f"sqlite:///{file}")
    sa.event.listen(sa.Engine, "before_cursor_execute", keep)
    log.predictions.append([answered(at) for at in range(500)])
    log.tidy()
    assert taken == ["PASSIVE"]
    monkeypatch.setattr(log_database, "MUCH_AHEAD", 10)
    log.predictions.append([answered(at) for at in range(500, 1_000)])
    log.tidy()
    sa.event.remove(sa.Engine, "before_cursor_execute", keep)
    assert taken == ["PASSIVE", "PASSIVE", "RESTART"]
    alone = shutil.copy(file, tmp_path / "alone.db")
    with sqlite3.connect(alone) as connection:
        assert connection.execute("SELECT count(*) FROM loans_predictions").fetchone() == (1_000,)
    connection.close()
    log.close()
