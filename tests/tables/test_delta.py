"""A Delta table: each change is one commit, and every version of it can be read."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from deltalake import DeltaTable, TableFeatures, write_deltalake

from shared.errors import Refusal
from shared.tables import delta, sources, table_files
from tests.tables.days import ROWS

SCHEMA = pa.Schema.from_pandas(ROWS, preserve_index=False).remove_metadata()


def stream(frame: pd.DataFrame) -> pa.RecordBatchReader:
    table = pa.Table.from_pandas(frame, SCHEMA, preserve_index=False).replace_schema_metadata()
    return pa.RecordBatchReader.from_batches(table.schema, table.to_batches())


def test_an_earlier_version_of_a_table_gives_its_own_rows_again(tmp_path: Path) -> None:
    address = str(tmp_path / "lake")
    delta.create(address, SCHEMA)
    delta.replace_days(delta.open_table(address), ["2024-01-01", "2024-01-02"], stream(ROWS))
    first = sources.fingerprint(sources.read_source(address))
    later = ROWS[ROWS["day"] == "2024-01-02"].assign(x=9.0)
    delta.replace_days(delta.open_table(address), ["2024-01-02"], stream(later))
    assert sources.pin_version(address) == 2
    assert sources.read_source(address)["x"].max() == 9.0
    assert sources.fingerprint(sources.read_source(address, 1)) == first
    assert pd.read_parquet(table_files.list_files(address, 1).files[0].path)["id"].tolist() == [
        1,
        2,
        3,
    ]
    with pytest.raises(Refusal, match="has no version 7: it has versions 0 to 2$"):
        sources.read_source(address, 7)


def test_the_second_of_two_who_write_the_same_day_is_told_to_look_again(tmp_path: Path) -> None:
    address = str(tmp_path / "lake")
    delta.create(address, SCHEMA)
    one, two, three = (delta.open_table(address) for _ in range(3))
    day = ROWS[ROWS["day"] == "2024-01-02"]
    delta.replace_days(one, ["2024-01-02"], stream(day))
    with pytest.raises(delta.CommitConflict):
        delta.replace_days(two, ["2024-01-02"], stream(day))
    delta.replace_days(three, ["2024-01-01"], stream(ROWS[ROWS["day"] == "2024-01-01"]))
    assert len(sources.read_source(address)) == 4


def test_a_table_is_widened_and_never_retyped(tmp_path: Path) -> None:
    address = str(tmp_path / "lake")
    delta.create(address, SCHEMA)
    delta.widen(delta.open_table(address), pa.schema([("new", pa.string())]))
    assert "new" in pa.schema(delta.open_table(address).schema().to_arrow()).names
    with pytest.raises(Refusal, match="column 'x' of the table is double, and would be string"):
        delta.widen(delta.open_table(address), pa.schema([("x", pa.string())]))


def test_a_table_that_is_there_is_not_made_again(tmp_path: Path) -> None:
    address = str(tmp_path / "lake")
    assert not delta.is_delta_table(address)
    delta.create(address, SCHEMA)
    delta.replace_days(delta.open_table(address), ["2024-01-01", "2024-01-02"], stream(ROWS))
    delta.create(address, SCHEMA)
    assert delta.is_delta_table(address)
    assert len(sources.read_source(address)) == len(ROWS)


def test_where_there_is_no_table_or_not_that_version_is_refused_in_one_line(tmp_path: Path) -> None:
    address = str(tmp_path / "lake")
    with pytest.raises(Refusal, match="there is no table at .*lake$"):
        delta.open_table(address)
    delta.create(address, SCHEMA)
    with pytest.raises(Refusal, match="lake has no version 3: it has version 0$") as refused:
        delta.open_table(address, 3)
    assert "\n" not in str(refused.value)


def test_a_table_whose_files_do_not_say_all_is_refused(tmp_path: Path) -> None:
    address = str(tmp_path / "lake")
    delta.create(address, SCHEMA)
    DeltaTable(address).alter.add_feature(
        TableFeatures.DeletionVectors, allow_protocol_versions_increase=True
    )
    with pytest.raises(Refusal, match="uses .'deletionVectors'. of Delta Lake"):
        delta.open_table(address)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (pa.array([1, 20], pa.int32()), pa.int32()),
        (pa.array([date(2024, 1, 31), None]), pa.date32()),
        (pa.array([True, False]), pa.bool_()),
        (pa.array([Decimal("1.50"), Decimal("20.25")], pa.decimal128(6, 2)), pa.decimal128(6, 2)),
        (pa.array(["007", "é=/"]), pa.string()),
        (
            pa.array([datetime(2024, 1, 1, 12, tzinfo=UTC)] * 2, pa.timestamp("us", "UTC")),
            pa.timestamp("us", "UTC"),
        ),
    ],
)
def test_a_partition_has_the_type_that_the_table_declares(
    tmp_path: Path, values: pa.Array, kind: pa.DataType
) -> None:
    rows = pa.table({"id": [1, 2], "part": values})
    write_deltalake(str(tmp_path / "lake"), rows, partition_by=["part"])
    found = sources.read_table(str(tmp_path / "lake"))
    assert isinstance(found, pa.Table)
    assert found.schema.field("part").type == kind
    assert dict(zip(*found.to_pydict().values(), strict=True)) == {
        1: values[0].as_py(),
        2: values[1].as_py(),
    }


def test_column_mapping_is_refused_by_name_even_where_no_feature_lists_it(tmp_path: Path) -> None:
    address = str(tmp_path / "lake")
    delta.create(address, SCHEMA)
    (log,) = (tmp_path / "lake" / "_delta_log").glob("*.json")
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    for line in lines:
        if "metaData" in line:
            line["metaData"]["configuration"] = {"delta.columnMapping.mode": "name"}
    log.write_text("\n".join(map(json.dumps, lines)))
    with pytest.raises(Refusal, match="columnMapping"):
        delta.open_table(address)


def test_rows_whose_columns_differ_in_type_or_case_are_refused(tmp_path: Path) -> None:
    there = pa.schema([("Age", pa.int64()), ("x", pa.float64())])
    delta.refuse_unfit(there, pa.schema([("x", pa.float64()), ("new", pa.string())]))
    with pytest.raises(Refusal, match="column 'age' is 'Age' in the table"):
        delta.refuse_unfit(there, pa.schema([("age", pa.int64())]))
    with pytest.raises(Refusal, match="column 'x' of the table is double, and would be int64"):
        delta.refuse_unfit(there, pa.schema([("x", pa.int64())]))
