"""The scope: which rows are planned to be read, in how many parts, and what is refused."""

from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from shared.errors import Refusal
from shared.log.prediction_log import PredictionLog
from shared.model.bundle import Bundle
from shared.monitoring.windows import scope
from shared.monitoring.windows.scope import Scope
from shared.settings import Settings
from tests.monitoring.traffic import ANSWERED, answer, week


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


def test_a_time_far_from_all_others_does_not_move_a_logs_window(
    judged, log: PredictionLog, bundle: Bundle, settings: Settings
) -> None:
    rows = week()
    plain = scope_of(rows, log, bundle, settings)
    strays = week(2, seed=5)
    strays["applied"] = pd.to_datetime(["1970-01-02 00:00", "2099-05-01 10:30"], utc=True)
    found = scope_of(strays, log, bundle, settings)
    assert (found.start, found.until, found.rows) == (plain.start, plain.until, 233)
    assert found.newest == rows["applied"].max()
    verdict = judged(found)
    assert verdict.rows == 233
    told = [note for note in verdict.notes if "far" in note]
    assert told == [
        "1 row has a time far before all the others, such as 1970-01-02 00:00 UTC: the window is "
        "that of the others.",
        "1 row has a time far after all the others, such as 2099-05-01 10:30 UTC: the window is "
        "that of the others.",
    ]


@pytest.mark.parametrize(("whole", "more"), [("D", "1D"), ("h", "1h"), ("s", "1min")])
def test_a_window_ends_with_the_day_or_hour_that_the_newest_time_stands_for(
    whole: str, more: str, log: PredictionLog, bundle: Bundle, settings: Settings
) -> None:
    rows = week()
    rows["applied"] = rows["applied"].dt.floor(whole)
    found = scope_of(rows, log, bundle, settings)
    newest = rows["applied"].max()
    assert found.until == newest.floor("min" if whole == "s" else whole) + pd.Timedelta(more)
    assert found.rows == (rows["applied"] >= found.start).sum()


def test_rows_that_were_answered_at_their_time_are_the_window_after_any_pause(
    log: PredictionLog, bundle: Bundle, settings: Settings
) -> None:
    early = week()
    early["applied"] -= pd.Timedelta(days=60)
    scope_of(early, log, bundle, settings)
    resumed = week(3, seed=2).assign(applied=[ANSWERED - timedelta(hours=at) for at in (9, 5, 2)])
    found = scope_of(resumed, log, bundle, settings)
    assert (found.newest, found.late) == (resumed["applied"].max(), ())
    strays = week(1, seed=3)
    strays["applied"] += pd.Timedelta(days=4_000)
    found = scope_of(strays, log, bundle, settings)
    assert found.newest == resumed["applied"].max()
    assert found.late == (strays["applied"][0],)


def scope_of(rows: pd.DataFrame, log: PredictionLog, bundle: Bundle, settings: Settings) -> Scope:
    """Answer rows, and return the scope of the log that holds them."""
    answer(log, rows, bundle)
    return scope.plan_log(log, None, settings)


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
    with pytest.raises(Refusal, match="empty holds no .parquet, .csv"):
        scope.plan_table(str(tmp_path / "empty"))


def test_a_window_that_is_yet_to_come_is_refused_and_one_that_has_begun_is_not(
    log: PredictionLog, bundle: Bundle, settings: Settings
) -> None:
    with pytest.raises(Refusal, match="--until 2199-01-01T00:00: the window of 7 days before it"):
        scope.plan(settings, bundle, "2199-01-01", None)
    begun = (pd.Timestamp.now("UTC") + timedelta(days=2)).isoformat()
    assert scope.plan(settings, bundle, begun, None).rows == 0
    # Rows of forecasts have times to come.
    later = week(3).assign(applied=lambda rows: rows["applied"] + pd.Timedelta(days=36_500))
    answer(log, later, bundle)
    of_later = (later["applied"].max() + timedelta(days=1)).isoformat()
    assert scope.plan(settings, bundle, of_later, None).start is not None
