"""Attempts to decide: what is run, and how one is followed to its end."""

import json
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from shared import problems
from shared.board import attempts
from shared.board.attempts import Attempt, Attempts, Wanted
from shared.errors import Refusal
from shared.runs.records import Record
from tests.rehearsal import kubernetes_api

WANTED = Wanted("loans", "prod", "0" * 64, "approve", "--why not", "Ada Tester")
SETTINGS, REVIEW = Path("loans.toml"), "flights.prod.reviewflow"
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


RUN = Record("ReviewFlow", "7", "loans", "prod", "ada", "2026-11-28T00:00:00+00:00")


def test_flows_run_on_argo_where_one_has() -> None:
    assert not attempts.run_on_argo([RUN])
    assert attempts.run_on_argo([RUN, replace(RUN, run="argo-7")])


def test_what_was_sent_to_argo_is_followed_by_its_run() -> None:
    attempt = saying("Workflow *r* triggered on Argo Workflows (run-id *argo-loans.prod.r-x7*).", 0)
    assert (attempt.state, attempt.run) == ("sent", "argo-loans.prod.r-x7")
    run = replace(RUN, run="argo-loans.prod.r-x7")
    failed = replace(run, state="failed", failure="it is the champion already")
    assert attempt.followed([RUN]) == attempt.followed([run]) == ("sent", "")
    assert attempt.followed([RUN, replace(run, state="done")]) == ("done", "")
    assert attempt.followed([failed]) == ("refused", "it is the champion already")
    assert saying(OF_METAFLOW, 1).followed([])[0] == "refused"


@pytest.mark.flow
def test_a_decision_is_sent_to_argo_where_its_branch_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("METAFLOW_OWNER", "ada")
    settings = problems.settings_file("flights")
    wanted = replace(WANTED, problem="flights")
    with kubernetes_api.serving(tmp_path) as api:
        monkeypatch.setenv("KUBECONFIG", str(api.config))
        refused = attempts.Attempts().start(wanted, settings, on_argo=True)
        refused.process.wait(120)
        deployed = {"metadata": {"name": REVIEW, "annotations": {"metaflow/owner": "ada"}}}
        api.created["WorkflowTemplate", REVIEW] = deployed
        attempt = attempts.Attempts().start(wanted, settings, on_argo=True)
        attempt.process.wait(120)
        (sent,) = api.kind("Workflow").values()
    state, why = refused.followed([])
    assert state == "refused"
    assert f"The workflow {REVIEW} doesn't exist on Argo Workflows" in why
    assert (attempt.state, attempt.run) == ("sent", f"argo-{sent['metadata']['name']}")
    assert sent["spec"]["workflowTemplateRef"] == {"name": REVIEW}
    given = {
        each["name"]: json.loads(each["value"]) for each in sent["spec"]["arguments"]["parameters"]
    }
    said = {"bundle": wanted.digest, "decision": "approve", "reason": "--why not"}
    assert given.items() >= (said | {"reviewer": "Ada Tester"}).items()


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
