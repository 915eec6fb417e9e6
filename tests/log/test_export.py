"""A log is taken out as Parquet files, by table and day, from SQLite and PostgreSQL."""

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from shared.errors import Refusal
from shared.log import export
from shared.log.prediction_log import PredictionLog
from tests.log.loans import LATE, late, minute, sql


def exported(folder: Path, since: date | None = None, until: date | None = None) -> list[Any]:
    told: list[Any] = []
    export.export("loans", folder, since, until, lambda *file: told.append(file))
    return told


def test_an_empty_log_has_no_file(named_log: PredictionLog, tmp_path: Path) -> None:
    assert exported(tmp_path / "out") == []
    assert list((tmp_path / "out").iterdir()) == []


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(Refusal, match="taken/out cannot be a folder: Not a directory"):
        exported(tmp_path / "taken" / "out")


def test_each_day_has_a_file_with_its_rows_and_their_types(
    named_log: PredictionLog, tmp_path: Path
) -> None:
    rows = [late(at) for at in range(120)]
    named_log.predictions.append(rows)
    named_log.outcomes.add({"L0": True})
    named_log.minutes.add([minute(0, minute=LATE)])
    days = [("predictions", date(2024, 3, 9), 60), ("predictions", date(2024, 3, 10), 60)]
    assert exported(tmp_path)[:2] == days
    found = pq.read_table(tmp_path / "predictions").drop_columns("day").to_pylist()
    assert found == rows
    (outcome,) = pq.read_table(tmp_path / "outcomes").to_pylist()
    assert (outcome["key"], outcome["value"]) == ("L0", True)
    (counted,) = pq.read_table(tmp_path / "service_minutes").to_pylist()
    assert (counted["minute"], counted["requests"], counted["p50_ms"]) == (LATE, 3, 1.25)


def test_exporting_again_replaces_days_and_leaves_nothing_unfinished(
    named_log: PredictionLog, tmp_path: Path
) -> None:
    named_log.predictions.append([late(at) for at in range(60)])
    exported(tmp_path)
    named_log.predictions.append([late(at) for at in range(30, 90)])
    exported(tmp_path)
    assert pq.read_table(tmp_path / "predictions").num_rows == 90
    assert [file.suffix for file in tmp_path.glob("*/*/*")] == [".parquet"] * 2


def test_a_span_of_days_is_exported_alone(named_log: PredictionLog, tmp_path: Path) -> None:
    named_log.predictions.append([late(at) for at in range(0, 3 * 24 * 60, 60)])
    told = exported(tmp_path, date(2024, 3, 10), date(2024, 3, 12))
    assert [(day, rows) for _, day, rows in told] == [
        (date(2024, 3, 10), 24),
        (date(2024, 3, 11), 24),
    ]


def test_a_table_of_an_older_version_is_exported_as_it_is(
    named_log: PredictionLog, address: str, tmp_path: Path
) -> None:
    named_log.predictions.append([late(0)])
    with sql(address) as connection:
        connection.exec_driver_sql("ALTER TABLE loans_predictions DROP COLUMN region")
    exported(tmp_path)
    assert "region" not in pq.read_table(tmp_path / "predictions").column_names
