"""The pages of problems, over runs by hand."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from tests.board.pages.test_problem_states import OLD, decided, ending, window
from tests.board.runs import client
from tests.runs.runs import record


@pytest.mark.parametrize("page", ["/", "/monitor/desk"])
def test_a_problem_without_a_window_is_told_its_own_command(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    chosen = replace(decided("ReviewFlow/1", OLD), problem="desk")
    board = client(chosen, record("TrainFlow/1", problem="desk"))
    board.base_url = "http://127.0.0.1"
    assert "monitor PROBLEM=desk</code>" in board.get(page).text
    board = client(record("TrainFlow/1", problem="desk"))
    board.base_url = "http://127.0.0.1"
    shown = board.get(page).text
    assert "monitor PROBLEM=desk" not in shown
    assert "without a champion nothing is" in shown


def test_a_model_that_may_be_packaged_waits_for_a_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    board = client(record("TrainFlow/1", problem="desk", evaluation={"passed": True}))
    board.base_url = "http://127.0.0.1"
    shown = board.get("/").text
    assert "package PROBLEM=desk</code>" in shown
    assert "Nothing." not in shown


def test_days_without_a_window_are_seen_in_the_strip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    board = client(*(window(f"MonitorFlow/{day}", "ok", **ending(day)) for day in (29, 15, 8)))
    board.base_url = "http://127.0.0.1"
    shown = board.get("/").text
    assert re.findall('<li class="gap" title="(.*?)">', shown) == ["7 days without a window"]


def test_the_champion_is_shown_with_who_had_rejected_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    rejected = decided("ReviewFlow/2", OLD, "reject", day=2)
    rejected.facts["decision"].update(reviewer="Bob", reason="too old")
    board = client(rejected, decided("ReviewFlow/1", OLD))
    board.base_url = "http://127.0.0.1"
    said = 'Rejected by <b>Bob</b>, <a href="/runs/ReviewFlow/2">2024-06-02 10:00 UTC</a>: too old'
    assert said in board.get("/").text
