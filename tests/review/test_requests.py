"""A decision that cannot be made is refused before a run of it begins."""

import subprocess
import sys
from pathlib import Path

import pytest
from metaflow.plugins.datastores.local_storage import LocalStorage

from shared import BRANCH, problems
from shared.errors import Refusal
from shared.lineage import run_history
from shared.review import requests
from tests.conftest import ROOT

REVIEWED = ["run", "--bundle", "deadbeef", "--decision", "approve", "--reason", "it passed"]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    # Metaflow stays at the history that it found first.
    monkeypatch.setattr(LocalStorage, "datastore_root", None)
    monkeypatch.setenv(problems.VARIABLE, "")
    monkeypatch.setenv("MILLRACE_REVIEWER", "Ada Tester")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--decision=aprove"], "decision 'aprove' is not one of approve, reject, rollback, c"),
        (["--reason", " "], 'a decision needs a reason: --reason "…", or REASON="…" of make'),
        (["--decision", "comment", "--reason="], "a comment needs words"),
        (["--bundle", ""], "no bundle is named: give a digest"),
        ([], "no bundle 'deadbeef' of 'flights': give a digest"),
    ],
)
def test_what_can_be_known_before_is_refused_and_leaves_nothing(
    words: list[str], said: str, tmp_path: Path
) -> None:
    with pytest.raises(Refusal) as refusal:
        requests.refuse_request(["run", *words, *REVIEWED[1:]])
    assert str(refusal.value).startswith(said)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "words", [["show"], ["run", "--help"], REVIEWED[:3], ["--metadata", "service", *REVIEWED]]
)
def test_what_the_run_alone_can_know_is_left_to_it(words: list[str]) -> None:
    requests.refuse_request(words)


@pytest.mark.parametrize(
    ("words", "branch"),
    [
        ([], "user.ada"),
        (["--branch", "trial"], "test.trial"),
        (["--production"], "prod"),
        (["--production", "--branch", "eu"], "prod.eu"),
    ],
)
def test_the_decisions_before_are_those_of_the_branch_that_the_run_will_be_of(
    words: list[str], branch: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(BRANCH, "prod.other")
    monkeypatch.setenv("METAFLOW_OWNER", "ada")
    with requests._on_branch([*words, *REVIEWED]):
        assert run_history.branch() == branch
    assert run_history.branch() == "prod.other"


def test_the_command_ends_in_one_line(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "flows" / "review.py"), *REVIEWED]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("no bundle 'deadbeef' of 'flights': give a digest")
    assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / ".metaflow").exists()
