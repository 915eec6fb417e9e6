"""The pages of problems, over runs by hand."""

from pathlib import Path

import pytest

from tests.board.runs import client
from tests.runs.runs import record


@pytest.mark.parametrize("page", ["/", "/monitor/desk"])
def test_a_problem_without_a_window_is_told_its_own_command(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    board = client(record("TrainFlow/1", problem="desk"))
    board.base_url = "http://127.0.0.1"
    assert "monitor PROBLEM=desk</code>" in board.get(page).text
