"""A command that is printed names its problem so that it works where it is read."""

from pathlib import Path

import pytest

from shared import FLOWS, command_words, problems, reviewer
from shared import problem_commands as commands
from tests.conftest import ROOT

TOML = """
name = "stall"
source = "stall.csv"
key = "id"
time = "at"
target = "late"
features = ["size"]

[[candidates]]
name = "logistic"
estimator = "sklearn.linear_model.LogisticRegression"
"""


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in an empty folder, with no problem named."""
    monkeypatch.setenv(problems.VARIABLE, "")
    monkeypatch.chdir(tmp_path)


def _write(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / problems.FILE).write_text(TOML)


def test_a_command_names_the_problem_as_briefly_as_it_can_be_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = f"make -f {ROOT}/Makefile"
    assert commands.make_command("train") == f"{make} train"
    (tmp_path / "Makefile").touch()
    monkeypatch.setenv(problems.VARIABLE, str(FLOWS / "problems" / "flights"))
    assert commands.make_command("train") == "make train"
    folder = tmp_path / "elsewhere" / "stall"
    _write(folder)
    monkeypatch.setenv(problems.VARIABLE, str(folder))
    review = commands.make_command("review", "BUNDLE=1")
    assert review == f"make review PROBLEM={folder} BUNDLE=1"
    _write(tmp_path / "problems" / "stall")
    monkeypatch.setenv(problems.VARIABLE, str(tmp_path / "problems" / "stall"))
    assert commands.make_command("train") == "make train PROBLEM=stall"
    monkeypatch.setenv(problems.VARIABLE, str(folder))
    (tmp_path / "problems" / "stall" / problems.FILE).write_text("no settings")
    assert commands.make_command("train", problem="stall") == f"make train PROBLEM={folder}"
    assert commands.make_command("train", problem="unknown") == "make train PROBLEM=unknown"


def test_a_command_about_a_problem_names_it_unless_it_is_the_one_left_out() -> None:
    serve = command_words.millrace("serve")
    assert commands.millrace_command("serve", problem="desk") == f"{serve} --problem desk"
    assert commands.millrace_command("serve", problem="flights") == serve


def test_the_command_of_a_decision_asks_for_a_name_where_nobody_has_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in (reviewer.VARIABLE, *reviewer.USERS):
        monkeypatch.setenv(name, "")
    approve = commands.make_command("review", "BUNDLE=1", "DECISION=approve", 'REASON="…"')
    assert commands.review_command("1") == f'MILLRACE_REVIEWER="Your Name" {approve}'
    monkeypatch.setenv(reviewer.VARIABLE, "Ada")
    assert commands.review_command("1") == approve
