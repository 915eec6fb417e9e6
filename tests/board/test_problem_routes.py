"""The pages of problems, over runs by hand."""

from pathlib import Path

import pytest

from tests.board.runs import client
from tests.board.test_problem_states import OLD, decided
from tests.runs.runs import record


@pytest.mark.parametrize("page", ["/", "/monitor/desk"])
def test_a_problem_without_a_window_is_told_its_own_command(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    board = client(record("TrainFlow/1", problem="desk"))
    board.base_url = "http://127.0.0.1"
    assert "monitor PROBLEM=desk</code>" in board.get(page).text


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
