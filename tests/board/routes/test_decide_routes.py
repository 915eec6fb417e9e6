"""Deciding on the board: who may, and what comes of a form."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.board.access import people
from shared.lineage import bundles, reviews
from shared.runs.records import FRESH_SECONDS
from tests.board.boards import Browser, browser_at, failure, token
from tests.conftest import House, latest_digest


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


def test_an_unknown_attempt_and_an_unknown_bundle_are_not_found(empty_history: Path) -> None:
    browser = browser_at(people.access("127.0.0.1"))
    for path, words in {
        "/attempts/none": "There is no such attempt",
        "/decide/loans/00000000": "no bundle",
    }.items():
        answer = browser.get(path)
        assert answer.status_code == 404
        assert failure(answer.text).startswith(words)


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
    assert bundles.champion("loans") is None
    viewer, browser = browser_of("Vera", branch), browser_of("Ada Tester", branch)
    form = {"token": token(viewer, path), "decision": "comment"}
    for reason in ("", "…"):
        refused = viewer.post(path, data=form | {"reason": reason}).text
        assert failure(refused) == "A comment needs words: write them."
    sent = viewer.post(path, data=form | {"reason": "why is it <slow>?"})
    assert "beside the evidence from now on" in followed(viewer, sent.headers["location"])
    page = read_anew(viewer, path)
    assert re.findall('name="decision" value="(.*?)"', page) == ["comment"]
    assert re.search(r"<b>Vera</b>, <a .*?>.* UTC</a>: why is it &lt;slow&gt;\?</p>", page)
    page = browser.get(path).text
    assert "waits for a decision" in page
    assert re.findall('name="decision" value="(.*?)"', page) == ["approve", "reject", "comment"]
    form = {"token": token(browser, path), "decision": "approve"}
    answer = browser.post(path, data=form | {"reason": " "})
    assert failure(answer.text) == "A decision needs a reason: write one, in a sentence."
    sent = browser.post(path, data=form | {"reason": "its gates passed"})
    assert (sent.status_code, sent.headers["location"][:10]) == (303, "/attempts/")
    page = followed(browser, sent.headers["location"])
    assert "It counts from now on" in page, page
    champion = bundles.champion("loans")
    assert champion is not None
    assert path.endswith(champion.digest)
    decided = reviews.decisions("loans")[-1]
    assert (decided.reviewer, decided.reason) == ("Ada Tester", "its gates passed")
    assert f'href="/runs/{decided.run}"' in page
    assert "is the champion already" in read_anew(browser, path)


def read_anew(browser: Browser, path: str) -> str:
    """Return a page that knows what the history holds by now."""
    time.sleep(FRESH_SECONDS)
    return browser.get(path).text


def followed(browser: Browser, path: str) -> str:
    """Return an attempt's page once it has ended."""
    deadline = time.monotonic() + 240
    while "hx-trigger" in (page := browser.get(path).text) and time.monotonic() < deadline:
        time.sleep(0.5)
    return page
