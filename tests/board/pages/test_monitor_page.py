"""A problem's page, from the records of its windows."""

from pathlib import Path

import pytest

from shared.board.pages import monitor_page
from shared.board.pages.problem_states import Window
from shared.errors import Refusal
from tests.runs.runs import record
from tests.runs.test_stations import judged


@pytest.fixture(autouse=True)
def _without_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_windows_whose_runs_are_gone_have_their_verdicts_and_no_more() -> None:
    history = [
        record(
            f"MonitorFlow/{run}",
            verdict=judged(level) | {"problem": "loans", "until": f"2024-06-1{run}T00:00:00+00:00"},
        )
        for run, level in ((2, "act"), (1, "ok"))
    ]
    page = monitor_page.read(history, "loans", "user.ada", "age")
    assert [window.verdict.level for window in page.windows] == ["act", "ok"]
    assert [picture.title for picture in page.pictures] == ["Verdicts and what they were about"]
    assert (page.columns, page.column) == ((), None)


def test_a_column_is_shown_in_the_newest_window_that_has_rows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown = []

    def then_and_now(window: Window, *_: object) -> None:
        shown.append(window.verdict.rows)

    monkeypatch.setattr(monitor_page, "_then_and_now", then_and_now)
    history = [
        record(
            f"MonitorFlow/{run}",
            verdict=judged("watch")
            | {"problem": "loans", "until": f"2024-06-1{run}T00:00:00+00:00", "rows": rows},
        )
        for run, rows in ((3, 0), (2, 620), (1, 600))
    ]
    monitor_page.read(history, "loans", "user.ada", "age")
    assert shown == [620]


def test_a_problem_without_a_run_on_the_branch_is_refused() -> None:
    with pytest.raises(Refusal, match="'flights' has no run on the branch 'user.ada'"):
        monitor_page.read([record("TrainFlow/1")], "flights", "user.ada", None)
