"""Tables in many files: by Delta, or by anybody's folders."""

import pandas as pd
import pyarrow as pa
import pytest

from shared.errors import Refusal
from shared.tables import delta, sources, table_files
from tests.tables.days import ROWS


def test_somebody_else_s_partitioned_folder_is_read_with_its_partitions(tmp_path):
    ROWS.to_parquet(tmp_path / "t", partition_cols=["region", "day"], index=False)
    (tmp_path / "t" / "_notes").mkdir()
    (tmp_path / "t" / "_notes" / "x.parquet").write_text("no data")
    found = sources.read_source(str(tmp_path / "t"))
    assert list(found) == ["id", "x", "region", "day"]
    pd.testing.assert_frame_equal(found.sort_values("id", ignore_index=True), ROWS)
    listed = table_files.with_row_counts(table_files.list_files(str(tmp_path / "t")))
    assert [(p.folder, p.rows) for p in listed.files] == [
        ("region=north/day=2024-01-01", 2),
        ("region=south/day=2024-01-01", 1),
        ("region=south/day=2024-01-02", 1),
    ]
    assert list(listed.partitions) == [file.folder for file in listed.files]


def test_a_file_changed_has_another_stamp(tmp_path):
    ROWS.to_parquet(tmp_path / "t", partition_cols=["day"], index=False)
    before = table_files.list_files(str(tmp_path / "t")).files
    changed = next((tmp_path / "t" / "day=2024-01-02").iterdir())
    ROWS.drop(columns="day").to_parquet(changed, index=False)
    after = table_files.list_files(str(tmp_path / "t")).files
    assert [a.stamp == b.stamp for a, b in zip(before, after, strict=True)] == [True, False]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ({}, "holds no .parquet, .csv, .csv.gz, .tsv or .tsv.gz file"),
        ({"a.parquet": "not parquet"}, "cannot be read as a table"),
        ({"a.csv": ""}, "cannot be read as a table"),
    ],
)
def test_a_folder_that_is_no_table_is_told_in_one_line(tmp_path, content, told):
    for name, text in content.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(Refusal, match=told) as refused:
        sources.read_source(str(tmp_path))
    assert "\n" not in str(refused.value)


def test_a_folder_that_is_not_there_or_has_no_versions_is_told(tmp_path):
    with pytest.raises(Refusal, match="there is no file or folder"):
        sources.read_source(str(tmp_path / "gone"))
    ROWS.to_parquet(tmp_path / "t", partition_cols=["day"], index=False)
    with pytest.raises(Refusal, match="is no Delta table: it has no version 3"):
        sources.read_source(str(tmp_path / "t"), 3)
    delta.create(str(tmp_path / "lake"), pa.Schema.from_pandas(ROWS))
    with pytest.raises(Refusal, match="has no rows yet"):
        sources.read_source(str(tmp_path / "lake"))
