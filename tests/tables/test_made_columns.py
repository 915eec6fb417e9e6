"""What rows lack is made of their file, their place in it, and the moment when they are read."""

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shared.tables import file_rows, sources, table_files
from shared.tables.made_columns import MadeColumns, made_columns, name_within

AT = datetime(2024, 5, 1, tzinfo=UTC)
MADE = MadeColumns("row", "came", AT)


def write(folder: Path) -> None:
    (folder / "north").mkdir()
    pd.DataFrame({"x": range(3)}).to_csv(folder / "days.csv", index=False)
    pd.DataFrame({"x": [9]}).to_csv(folder / "north" / "days.csv", index=False)


@pytest.mark.parametrize("rows", [1, 2, 100])
def test_a_row_is_its_file_s_name_and_its_place_however_it_is_read(
    tmp_path: Path, rows: int
) -> None:
    write(tmp_path)
    table = table_files.list_files(str(tmp_path))
    read = file_rows.read_batches(table.address, table.files, rows=rows, made=MADE)
    found = pa.concat_tables(read).to_pydict()
    assert found["row"] == ["days.csv:1", "days.csv:2", "days.csv:3", "north/days.csv:1"]
    assert found["came"] == [AT] * 4


@pytest.mark.parametrize("source", ["days.csv", "."])
def test_a_source_has_the_same_keys_wherever_it_lies(
    tmp_path: Path, source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path)
    monkeypatch.chdir(tmp_path)
    found = sources.read_source(str(tmp_path / source), made=MADE)
    assert found["row"].tolist()[:3] == ["days.csv:1", "days.csv:2", "days.csv:3"]


def test_row_groups_that_are_read_alone_have_the_places_of_the_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "days.parquet"
    pq.write_table(pa.table({"x": range(5)}), path, row_group_size=2)
    table = table_files.list_files(str(path))
    read = file_rows.read_batches(table.address, table.files, groups=range(1, 3), made=MADE)
    assert pa.concat_tables(read)["row"].to_pylist() == [f"days.parquet:{n}" for n in (3, 4, 5)]


def test_what_a_file_has_stays_as_it_is() -> None:
    rows = pa.table({"x": [1], "row": ["a"], "came": ["then"]})
    assert MADE.added(rows, "days.csv", 0) == rows
    assert MadeColumns().added(rows, "days.csv", 0) == rows
    assert not MadeColumns()


def test_a_contract_says_what_is_made(bundle, keyless) -> None:
    assert not made_columns(bundle.contract)
    assert made_columns(keyless.contract, AT) == MadeColumns("loan", "applied", AT)


def test_a_file_is_called_as_its_folder_has_it() -> None:
    assert name_within("bucket/t/day=1/a.csv", "bucket/t") == "day=1/a.csv"
    assert name_within("bucket/t/a.csv", "bucket/t/a.csv") == "a.csv"
