"""The rows of files come in batches, as they are asked for, with their partition's columns."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shared.errors import Refusal
from shared.tables import file_rows, table_files
from shared.tables.table_files import TableFile
from tests.tables.days import ROWS


@pytest.fixture
def address(tmp_path: Path) -> str:
    """Return the address of a folder of four rows, partitioned by their day."""
    ROWS.to_parquet(tmp_path / "t", partition_cols=["day"], index=False)
    return str(tmp_path / "t")


def listed(address: str) -> tuple[TableFile, ...]:
    return table_files.list_files(address).files


def test_batches_hold_at_most_so_many_rows_and_never_two_files(address: str) -> None:
    batches = file_rows.read_batches(address, listed(address), rows=2)
    assert [batch.column("id").to_pylist() for batch in batches] == [[1, 2], [3], [4]]


def test_a_partition_s_column_comes_only_where_it_is_asked_for(address: str) -> None:
    (first, *_) = file_rows.read_batches(address, listed(address), columns={"day", "x"})
    assert first.to_pydict() == {"x": [0.5, None, 2.5], "day": ["2024-01-01"] * 3}
    (first, *_) = file_rows.read_batches(address, listed(address), columns={"x"})
    assert first.column_names == ["x"]


def test_a_partition_without_a_value_is_missing_in_its_rows(tmp_path: Path) -> None:
    place = tmp_path / "t" / f"day={table_files.NULL}"
    place.mkdir(parents=True)
    ROWS[["id"]].to_csv(place / "rows.csv", index=False)
    (found,) = file_rows.read_batches(str(tmp_path / "t"), listed(str(tmp_path / "t")))
    assert found.to_pydict() == {"id": ["1", "2", "3", "4"], "day": [None] * 4}


def test_texts_come_as_codes_where_that_is_asked_for_and_numbers_never_do(address: str) -> None:
    (first, *_) = file_rows.read_batches(address, listed(address), as_codes=["region", "id", "no"])
    assert pa.types.is_dictionary(first.schema.field("region").type)
    assert pa.types.is_integer(first.schema.field("id").type)
    assert first.column("region").to_pylist() == ["north", "north", "south"]


def test_row_groups_are_read_by_their_places(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    pq.write_table(pa.Table.from_pandas(ROWS, preserve_index=False), path, row_group_size=3)
    (file,) = listed(str(path))
    assert file_rows.row_group_sizes(str(path), file) == [3, 1]
    read = file_rows.read_batches(str(path), [file], columns={"id"}, groups=range(1, 2))
    assert [batch.to_pydict() for batch in read] == [{"id": [4]}]


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_a_file_without_rows_still_has_its_columns(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"rows.{kind}"
    getattr(ROWS.head(0), f"to_{kind}")(path, index=False)
    schema = file_rows.table_schema(str(path), listed(str(path)))
    assert schema.names == ["id", "x", "region", "day"]


def test_a_packed_csv_is_read_like_a_plain_one(tmp_path: Path) -> None:
    ROWS.to_csv(tmp_path / "rows.csv.gz", index=False)
    found = file_rows.read_batches(str(tmp_path), listed(str(tmp_path)), rows=3)
    texts = ROWS.astype(object).map(str, na_action="ignore")
    pd.testing.assert_frame_equal(
        pa.concat_tables(found).to_pandas(), texts.astype(object).where(texts.notna(), None)
    )


def test_a_file_that_is_no_table_is_refused_when_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "rows.parquet").write_text("not parquet")
    with pytest.raises(Refusal, match="cannot be read as a table"):
        next(file_rows.read_batches(str(tmp_path), listed(str(tmp_path))))


def test_a_dictionary_of_texts_in_some_files_is_read_as_the_texts_of_the_others() -> None:
    texts = pa.table({"c": ["a", "b"]})
    codes = pa.table({"c": pa.array(["b", None]).dictionary_encode()})
    joined = file_rows.joined("rows", [texts, codes])
    assert joined.equals(pa.table({"c": ["a", "b", "b", None]}))
    assert file_rows.joined("rows", [codes, codes]).schema == codes.schema
    with pytest.raises(Refusal, match="the files of rows do not fit together: .*; write them"):
        file_rows.joined("rows", [texts, pa.table({"c": [1]})])
