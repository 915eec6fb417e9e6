"""A file of answers: there when it is whole, in place of an earlier one."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from shared.scoring.output import Output
from shared.scoring.partitions import FILE, NOTE

ROWS = pa.table({"loan": ["a", "b"], "bundle": ["f", "f"]})


def test_a_file_is_there_once_it_is_finished_with_its_note(tmp_path: Path) -> None:
    place = tmp_path / "day=1" / FILE
    with Output(str(tmp_path), "day=1", FILE, ["bundle"]) as output:
        output.write(ROWS)
        output.write(ROWS)
        assert not place.exists()
        output.finish(b"{}")
    assert pq.read_table(place, partitioning=None).num_rows == 4
    assert pq.read_metadata(place).metadata[NOTE] == b"{}"
    assert [path.name for path in place.parent.iterdir()] == [FILE]


def test_what_is_left_unfinished_leaves_the_earlier_file(tmp_path: Path) -> None:
    with Output(str(tmp_path), "", FILE, []) as output:
        output.write(ROWS)
        output.finish(None)
    with Output(str(tmp_path), "", FILE, []) as output:
        output.write(ROWS.slice(1))
    assert pq.read_table(tmp_path / FILE).num_rows == 2
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_without_a_row_the_earlier_file_goes(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("answers of before")
    with Output(str(tmp_path), "", FILE, []) as output:
        output.finish(None)
    assert not list(tmp_path.iterdir())
