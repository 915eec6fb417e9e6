"""Texts are told apart line by line, and commits by what git keeps of them."""

import os
import subprocess
from pathlib import Path

import pytest

from shared.runs.comparing import text_changes
from shared.runs.comparing.text_changes import Line


def test_plain_values_differ_by_the_lines_of_their_keys() -> None:
    before = {"name": "loans", "seed": 7, "candidates": [{"name": "boosting"}]}
    after = {"name": "loans", "seed": 8, "candidates": [{"name": "boosting"}]}
    found = text_changes.of_values(before, after)
    assert Line("removed", '-  "seed": 7') in found
    assert Line("added", '+  "seed": 8') in found
    assert {line.kind for line in found} == {"place", "same", "removed", "added"}


def test_the_order_of_keys_is_no_difference() -> None:
    assert text_changes.of_values({"a": 1, "b": 2}, {"b": 2, "a": 1}) == ()


@pytest.fixture
def commits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return two commits of a repository in the working folder."""
    monkeypatch.chdir(tmp_path)
    who = {
        f"GIT_{role}_{what}": "a@b"
        for role in ("AUTHOR", "COMMITTER")
        for what in ("NAME", "EMAIL")
    }

    def git(*words: str) -> str:
        done = subprocess.run(
            ["git", *words], capture_output=True, text=True, check=True, env=os.environ | who
        )
        return done.stdout.strip()

    git("init", "-q")
    found = []
    for text in ("one\n", "two\n"):
        (tmp_path / "model.py").write_text(text)
        git("add", "-A")
        git("commit", "-q", "-m", text)
        found.append(git("rev-parse", "HEAD"))
    return found


def test_code_differs_by_file_and_by_line(commits: list[str]) -> None:
    found = text_changes.of_code(commits[0], f"{commits[1]}+changes")
    assert found
    assert "model.py" in found.files
    assert Line("removed", "-one") in found.lines
    assert Line("added", "+two") in found.lines
    assert Line("place", "+++ b/model.py") in found.lines
    assert not found.cut


def test_a_long_difference_is_cut(commits: list[str], tmp_path: Path) -> None:
    (tmp_path / "model.py").write_text("line\n" * text_changes.MOST_CODE)
    environment = os.environ | {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b"}
    environment |= {"GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"}
    subprocess.run(["git", "commit", "-qam", "long"], check=True, env=environment)
    head = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True)
    found = text_changes.of_code(commits[0], head.stdout.strip())
    assert found
    assert found.cut
    assert sum(len(line.text) + 1 for line in found.lines) <= text_changes.MOST_CODE + 1


@pytest.mark.parametrize("other", [None, "", "f" * 40, "--output=/tmp/x", "HEAD", "main"])
def test_what_is_no_commit_of_a_repository_here_is_not_compared(
    commits: list[str], other: str | None
) -> None:
    assert text_changes.of_code(commits[0], other) is None
    assert text_changes.of_code(other, commits[0]) is None
