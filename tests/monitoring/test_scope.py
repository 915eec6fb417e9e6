"""The scope: which rows are planned to be read, in how many parts, and what is refused."""

from pathlib import Path

import pytest

from shared.errors import Refusal
from shared.model.bundle import Bundle
from shared.monitoring import scope
from shared.settings import Settings
from tests.monitoring.traffic import week


def test_what_cannot_be_read_is_refused_in_a_line(
    bundle: Bundle, settings: Settings, of_file, tmp_path: Path
) -> None:
    with pytest.raises(Refusal, match="not both"):
        scope.plan(settings, bundle, "2024-04-01", "week.parquet")
    with pytest.raises(Refusal, match="--until 'noon' is not an ISO time, such as"):
        scope.plan(settings, bundle, "noon", None)
    with pytest.raises(Refusal, match="no file or folder nowhere.parquet"):
        scope.plan(settings, bundle, None, "nowhere.parquet")
    (tmp_path / "broken.parquet").write_text("no table")
    with pytest.raises(Refusal, match="broken.parquet cannot be read as a table"):
        of_file(tmp_path / "broken.parquet")


def test_a_log_that_does_not_answer_is_refused(
    bundle: Bundle, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "log.db").write_text("this is no database")
    monkeypatch.setenv("MILLRACE_LOG", f"sqlite:///{tmp_path / 'log.db'}")
    with pytest.raises(Refusal, match="the prediction log is not available"):
        scope.plan(settings, bundle, None, None)


def test_a_parquet_file_is_cut_at_its_row_groups_and_a_folder_at_its_files(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(scope, "PART_ROWS", 40)
    week(90).to_parquet(tmp_path / "week.parquet", row_group_size=20)
    single = scope.plan_table(str(tmp_path / "week.parquet"))
    assert [part.groups for part in single.parts] == [range(2), range(2, 4), range(4, 5)]
    folder = tmp_path / "weeks"
    folder.mkdir()
    for at in range(3):
        week(30, seed=at).to_parquet(folder / f"{at}.parquet")
    several = scope.plan_table(str(folder))
    assert (single.rows, several.rows) == (90, 90)
    assert [len(part.files) for part in several.parts] == [1, 1, 1]


def test_a_folder_without_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(Refusal, match="empty holds no .parquet or .csv file"):
        scope.plan_table(str(tmp_path / "empty"))
