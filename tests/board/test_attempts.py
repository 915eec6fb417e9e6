"""Attempts to decide: what is run, and how one is followed to its end."""

import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from shared.board import attempts
from shared.board.attempts import Attempt, Attempts, Wanted
from shared.errors import Refusal
from shared.runs.records import Record

WANTED = Wanted("loans", "prod", "0" * 64, "approve", "--why not", "Ada Tester")
SETTINGS = Path("loans.toml")
OF_METAFLOW = """\
Metaflow 2.19.39 executing ReviewFlow for user:ada
2026-11-28 03:07:41.848 Workflow starting (run-id 1795):
2026-11-28 03:07:45.098 [1795/weigh/1 (pid 20874)] Flow failed:
2026-11-28 03:07:45.098 [1795/weigh/1 (pid 20874)] bundle 99e5900d873d is the champion already
2026-11-28 03:07:45.747 [1795/weigh/1 (pid 20874)] Task failed.
    Step failure:
    Step weigh (task-id 1) failed.
"""


def saying(text: str, code: int, wanted: Wanted = WANTED) -> Attempt:
    """Return an attempt whose process says a text, and ends."""
    said = tempfile.TemporaryFile()  # noqa: SIM115  (open as long as the attempt)
    program = f"print({text!r}); raise SystemExit({code})"
    process = subprocess.Popen([sys.executable, "-c", program], stdout=said)
    process.wait()
    return Attempt("number", wanted, process, said)


def test_an_attempt_that_is_refused_says_why_in_a_line() -> None:
    attempt = saying(OF_METAFLOW, 1)
    assert attempt.state == "refused"
    assert attempt.run == "1795"
    assert attempt.refusal == "bundle 99e5900d873d is the champion already"
    assert saying("before\n  it stopped here", 2).refusal == "it stopped here"
    assert saying("", 2).refusal == "it ended without a word"
    assert saying(OF_METAFLOW, 0).state == "done"


@pytest.mark.parametrize(
    ("branch", "words"),
    [
        ("user.ada", []),
        ("prod", ["--production"]),
        ("prod.pilot", ["--production", "--branch", "pilot"]),
        ("test.pilot", ["--branch", "pilot"]),
    ],
)
def test_a_decision_is_run_on_the_branch_that_is_shown(
    branch: str, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("METAFLOW_OWNER", "ada")
    command = attempts.command(replace(WANTED, branch=branch), SETTINGS)
    assert command[2:] == [
        *("--config", "settings", "loans.toml", *words, "run", "--bundle", "0" * 64),
        *("--decision", "approve", "--reason", "--why not", "--reviewer", "Ada Tester"),
    ]


def test_on_somebody_elses_branch_nobody_else_decides() -> None:
    with pytest.raises(Refusal, match=r"^The branch user\.bob belongs to somebody else"):
        attempts.command(replace(WANTED, branch="user.bob"), SETTINGS)


def test_where_flows_run_on_argo_the_command_to_type_is_said() -> None:
    run = Record("PackageFlow", "7", "loans", "prod", "ada", "2026-11-28T00:00:00+00:00")
    assert attempts.argo_command(WANTED, SETTINGS, [run]) == ""
    assert attempts.argo_command(WANTED, SETTINGS, [run, replace(run, run="argo-7")]) == (
        "python flows/review.py --config settings loans.toml --production argo-workflows trigger "
        "--bundle 000000000000 --decision approve --reviewer 'Ada Tester' --reason \"…\""
    )


def test_one_decision_of_a_branch_is_recorded_at_a_time(
    monkeypatch: pytest.MonkeyPatch, empty_history: Path
) -> None:
    # The flow reads its settings first, and finds none: it takes a moment to say so.
    known = Attempts()
    first = known.start(replace(WANTED, branch="test.a"), SETTINGS)
    try:
        with pytest.raises(Refusal, match=r"^A decision of Ada Tester about loans is being rec"):
            known.start(replace(WANTED, branch="test.a"), SETTINGS)
    finally:
        first.process.kill()
        first.process.wait()
    assert known.find(first.number) is first
