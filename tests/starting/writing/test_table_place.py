"""A table within a project or beside it is named from there, and any other in full."""

from pathlib import Path

import pytest

from shared.starting.writing.table_place import near_place


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("team/project/data/rows.csv", "data/rows.csv"),
        ("team/rows.csv", "../rows.csv"),
        ("team/tables/rows.csv", "../tables/rows.csv"),
        ("rows.csv", None),
        ("team2/rows.csv", None),
    ],
)
def test_a_table_near_the_working_folder_is_named_from_there(
    address: str, place: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "team" / "project").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "team" / "project")
    assert near_place(str(tmp_path / address)) == place
    assert near_place("s3://bucket/rows.csv") is None
