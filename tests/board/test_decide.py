"""Deciding on the board: who may, what is run, and how an attempt is followed to its end."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from shared import lineage
from shared.board import attempts, decide_page, people
from shared.board.attempts import Attempt, Attempts, Wanted
from shared.board.people import Person
from shared.board.records import Record
from shared.errors import Refusal
from shared.model.decision import Decision, standing
from shared.review.decisions import KINDS
from shared.sections import Review
from tests.board.boards import Browser, browser_at, failure, token
from tests.conftest import House, latest_digest

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


@pytest.fixture
def decide(
    browser_of: Callable[..., Browser], empty_history: Path
) -> Callable[..., tuple[int, str]]:
    """Return what sends the form as somebody; gives the status and what went wrong."""

    def sent(name: str, path: str = "/decide/loans/00000000", **form: str) -> tuple[int, str]:
        browser = browser_of(name)
        answer = browser.post(path, data={"token": token(browser, "/")} | form)
        return answer.status_code, failure(answer.text)

    return sent


def test_a_viewer_does_not_decide(decide: Callable[..., tuple[int, str]]) -> None:
    status, words = decide("Vera", decision="approve", reason="it passed")
    assert (status, words) == (
        403,
        "Vera may look, but not decide: that takes the role of a reviewer.",
    )


def test_an_old_form_decides_nothing(decide: Callable[..., tuple[int, str]]) -> None:
    form = {"decision": "approve", "reason": "it passed", "token": ""}
    status, words = decide("Ada Tester", **form)
    assert (status, words.startswith("This form is not of your present session")) == (403, True)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/decide/loans/00000000", "The settings of loans are not here: nothing can be decided."),
        ("/decide/loans/--help", "A bundle is named by its problem and 8 or more digits"),
        ("/decide/Loans/00000000", "A bundle is named by its problem and 8 or more digits"),
    ],
)
def test_what_cannot_be_decided_is_refused_in_words(
    decide: Callable[..., tuple[int, str]], path: str, words: str
) -> None:
    status, said = decide("Ada Tester", path, decision="approve", reason="it passed")
    assert status in (403, 404)
    assert said.startswith(words)


def made(decision: str, digest: str, reviewer: str, minute: int) -> Decision:
    return Decision(
        problem="loans",
        digest=digest,
        decision=decision,  # type: ignore[arg-type]
        reviewer=reviewer,
        reason="it passed",
        at=f"2026-11-28T00:{minute:02}:00+00:00",
        evidence={},
        champion_before=None,
        champion=None,
    )


@pytest.mark.parametrize(
    ("name", "verified", "refused"),
    [
        ("Grace", True, {"rollback": "bundle b2 is not the champion, which is b1"}),
        (
            "ada  tester",
            True,
            {
                "approve": "'ada  tester' has approved bundle b2 already: it has 1 of 2 approvals,",
                "rollback": "bundle b2 is not the champion",
            },
        ),
        ("Grace", False, {"approve": "the verification of PackageFlow/2 did not pass"}),
        ("Eve", True, dict.fromkeys(KINDS, "'Eve' is none of the reviewers of 'loans', who are")),
    ],
)
def test_only_those_decisions_are_offered_that_there_is_room_for(
    name: str, verified: bool, refused: dict[str, str]
) -> None:
    rule = Review(reviewers=("Ada Tester", "Grace"), approvals=2)
    first = [made("approve", "b1", name, at) for at, name in enumerate(rule.reviewers)]
    found = standing([*first, made("approve", "b2", "Ada Tester", 2)], rule)
    bundle = SimpleNamespace(digest="b2", manifest=SimpleNamespace(name="loans"))
    packaged = lineage.Packaged(bundle, "PackageFlow/2", "TrainFlow/1", verified)  # type: ignore[arg-type]
    said = {
        c.kind: c.refusal for c in decide_page.choices(packaged, found, Person(name, "reviewer"))
    }
    for kind, words in refused.items():
        assert said[kind].startswith(words)
    if verified:
        assert {kind for kind, words in said.items() if words} == set(refused)


def test_an_unknown_attempt_and_an_unknown_bundle_are_not_found(empty_history: Path) -> None:
    browser = browser_at(people.access("127.0.0.1"))
    for path, words in {
        "/attempts/none": "There is no such attempt",
        "/decide/loans/00000000": "no bundle",
    }.items():
        answer = browser.get(path)
        assert answer.status_code == 404
        assert failure(answer.text).startswith(words)


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


@pytest.mark.flow
def test_a_reviewer_approves_on_the_board_and_the_champion_changes(
    packaged_house: House,
    browser_of: Callable[..., Browser],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = f"/decide/loans/{latest_digest(packaged_house)}"
    # On a branch of its own: what others decide about the bundle stays as it is.
    branch = "test.board"
    monkeypatch.chdir(packaged_house.folder)
    monkeypatch.setenv("MILLRACE_PROBLEM", str(packaged_house.settings))
    monkeypatch.setenv("MILLRACE_BRANCH", branch)
    assert lineage.champion("loans") is None
    viewer, browser = browser_of("Vera", branch), browser_of("Ada Tester", branch)
    assert "<textarea" not in viewer.get(path).text
    page = browser.get(path).text
    assert "waits for a decision" in page
    assert 'value="rollback"' not in page
    form = {"token": token(browser, path), "decision": "approve"}
    answer = browser.post(path, data=form | {"reason": " "})
    assert failure(answer.text) == "A decision needs a reason: write one, in a sentence."
    sent = browser.post(path, data=form | {"reason": "its gates passed"})
    assert (sent.status_code, sent.headers["location"][:10]) == (303, "/attempts/")
    page = followed(browser, sent.headers["location"])
    assert "It counts from now on" in page, page
    champion = lineage.champion("loans")
    assert champion is not None
    assert path.endswith(champion.digest)
    decided = lineage.decisions("loans")[-1]
    assert (decided.reviewer, decided.reason) == ("Ada Tester", "its gates passed")
    assert f'href="/runs/{decided.run}"' in page
    time.sleep(2)
    assert "is the champion already" in browser.get(path).text


def followed(browser: Browser, path: str) -> str:
    """Return an attempt's page once it has ended."""
    deadline = time.monotonic() + 240
    while "data-live" in (page := browser.get(path).text) and time.monotonic() < deadline:
        time.sleep(0.5)
    return page
