"""What is in a log, told and exported without a contract, on SQLite and PostgreSQL."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa

from shared.errors import Refusal
from shared.log import contents, export
from shared.log.prediction_log import PredictionLog
from tests.log.test_prediction_log import contract

# The last hour of a day and the first of the next, in UTC.
LATE = datetime(2024, 3, 9, 23, tzinfo=UTC)
MINUTE = {"server": "s", "requests": 3, "rows": 3, "rejected": 0, "errors": 0}


def row(at: int, role: str = "champion") -> dict[str, Any]:
    moment = LATE + timedelta(minutes=at)
    answered = {"prediction": True, "probability": 0.75, "latency_ms": 1.5}
    asked = {"key": f"A{at}", "time": moment, "income": 2.5 if at % 2 else None, "region": "süd"}
    who = {"prediction_id": f"p{at}", "logged_at": moment, "bundle": "d1", "role": role}
    return asked | who | answered


@pytest.fixture
def log(address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[PredictionLog]:
    monkeypatch.setenv("MILLRACE_LOG", address)
    held = PredictionLog("loans", contract({"income": "number", "region": "category"}))
    held.prepare()
    yield held
    held.close()


def exported(folder: Path, since: date | None = None, until: date | None = None) -> list[Any]:
    told: list[Any] = []
    export.export("loans", folder, since, until, lambda *file: told.append(file))
    return told


def test_the_summary_counts_rows_answers_and_outcomes(log: PredictionLog) -> None:
    log.predictions.append([row(at) for at in range(4)] + [row(0, "challenger")])
    log.outcomes.add({"A0": True, "A1": False, "gone": True})
    found = contents.summary("loans")
    assert {name: table.rows for name, table in found.tables.items()} == {
        "predictions": 5,
        "outcomes": 3,
        "service_minutes": 0,
    }
    assert found.tables["predictions"].last == LATE + timedelta(minutes=3)
    assert [(made["role"], made["rows"]) for made in found.answers] in (
        [("champion", 4), ("challenger", 1)],
        [("challenger", 1), ("champion", 4)],
    )
    assert found.with_outcome == 2
    assert found.address == log.address
    assert log.predictions.count(["p0", "p1", "p3", "gone"]) == (3, 2)


def test_an_empty_log_has_a_summary_and_an_export(log: PredictionLog, tmp_path: Path) -> None:
    found = contents.summary("loans")
    assert (found.with_outcome, found.answers, found.tables["predictions"].first) == (0, (), None)
    assert exported(tmp_path / "out") == []


def test_each_day_has_a_file_with_its_rows_and_their_types(
    log: PredictionLog, tmp_path: Path
) -> None:
    rows = [row(at) for at in range(120)]
    log.predictions.append(rows)
    log.outcomes.add({"A0": True})
    log.minutes.add([MINUTE | {"minute": LATE}])
    days = [("predictions", date(2024, 3, 9), 60), ("predictions", date(2024, 3, 10), 60)]
    assert exported(tmp_path)[:2] == days
    found = pq.read_table(tmp_path / "predictions").drop_columns("day").to_pylist()
    assert found == rows
    (outcome,) = pq.read_table(tmp_path / "outcomes").to_pylist()
    assert (outcome["key"], outcome["value"]) == ("A0", True)
    (minute,) = pq.read_table(tmp_path / "service_minutes").to_pylist()
    assert (minute["minute"], minute["requests"], minute["p50_ms"]) == (LATE, 3, None)


def test_exporting_again_replaces_days_and_leaves_nothing_unfinished(
    log: PredictionLog, tmp_path: Path
) -> None:
    log.predictions.append([row(at) for at in range(60)])
    exported(tmp_path)
    log.predictions.append([row(at) for at in range(30, 90)])
    exported(tmp_path)
    assert pq.read_table(tmp_path / "predictions").num_rows == 90
    assert [file.suffix for file in tmp_path.glob("*/*/*")] == [".parquet"] * 2


def test_a_span_of_days_is_exported_alone(log: PredictionLog, tmp_path: Path) -> None:
    log.predictions.append([row(at) for at in range(0, 3 * 24 * 60, 60)])
    told = exported(tmp_path, date(2024, 3, 10), date(2024, 3, 12))
    assert [(day, rows) for _, day, rows in told] == [
        (date(2024, 3, 10), 24),
        (date(2024, 3, 11), 24),
    ]


def test_a_log_of_another_problem_is_refused_in_words(log: PredictionLog) -> None:
    with pytest.raises(Refusal, match=r"no log of the problem flights \(it has loans\)"):
        contents.summary("flights")


def test_where_there_is_no_log_none_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MILLRACE_LOG", f"sqlite:///{tmp_path / 'log.db'}")
    with pytest.raises(Refusal, match="no prediction log at"):
        contents.summary("loans")
    assert list(tmp_path.iterdir()) == []


def test_a_table_of_an_older_version_is_exported_as_it_is(
    log: PredictionLog, address: str, tmp_path: Path
) -> None:
    log.predictions.append([row(0)])
    engine = sa.create_engine(address)
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE loans_predictions DROP COLUMN region")
    engine.dispose()
    exported(tmp_path)
    assert "region" not in pq.read_table(tmp_path / "predictions").column_names
