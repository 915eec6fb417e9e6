"""Cookies and forms, as a browser meets them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from shared.board.access import people
from shared.board.access.sessions import FORM_TYPE
from tests.board.boards import ADDRESS, Browser, browser_at, failure, token

pytestmark = pytest.mark.usefixtures("empty_history")
PROXY = {"user_header": "X-Forwarded-User", "proxies": ("10.0.0.1",)}


def test_cookies_are_for_this_board_alone(
    browser_of: Callable[..., Browser], secrets: dict[str, str]
) -> None:
    browser = browser_of()
    form = {"name": "Vera", "key": secrets["Vera"], "token": token(browser, "/login")}
    cookie = browser.post("/login", data=form).headers["set-cookie"]
    assert cookie.startswith("millrace_session=")
    assert {"HttpOnly", "SameSite=strict", "Max-Age=43200"} <= set(cookie.split("; "))
    assert "Secure" not in cookie
    browser.base_url = "https://localhost"
    form["token"] = token(browser, "/login")
    assert "; Secure" in browser.post("/login", data=form).headers["set-cookie"]


def test_a_forged_cookie_is_nobodys(browser_of: Callable[..., Browser]) -> None:
    browser, other = browser_of("Ada Tester"), browser_of()
    cookie = browser.cookies["millrace_session"]
    for forged in (cookie, cookie[:-1], "e30.x.y", ""):
        # Another board signs with another secret.
        other.cookies.set("millrace_session", forged, domain="localhost.local")
        assert other.get("/").status_code == 303


def test_a_session_ends_when_its_key_is_no_longer_among_the_people(
    browser_of: Callable[..., Browser], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.serving.security.keys.LOOK_SECONDS", 0.0)
    browser = browser_of("Vera")
    assert browser.get("/").status_code == 200
    lines = (tmp_path / "people").read_text().splitlines()
    (tmp_path / "people").write_text(lines[0])
    assert browser.get("/").status_code == 303


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:9000"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_form_of_another_site_is_refused(headers: dict[str, str]) -> None:
    browser = browser_at(people.access("127.0.0.1"))
    browser.get("/")
    answer = browser.post("/decide/loans/00000000", data={"token": ""}, headers=headers)
    assert answer.status_code == 403
    assert failure(answer.text) == "This form was sent from another site. Nothing was done."


def test_a_form_belongs_to_one_browser(browser_of: Callable[..., Browser]) -> None:
    browser, other = browser_of(), browser_of()
    for given in ("", "0" * 64, token(other, "/login")):
        answer = browser.post("/login", data={"token": given}, headers={"Origin": ADDRESS})
        assert answer.status_code == 403
        assert "This form is not of your present session" in failure(answer.text)


@pytest.mark.parametrize(
    ("content", "kind", "status", "words"),
    [
        (b"{}", "application/json", 415, "That is not a form of this board."),
        (b"a" * 70_000, FORM_TYPE, 413, "That is too long for this form."),
        (b"a=%FF", FORM_TYPE, 400, "That is not a form of this board."),
        (b"\xff", FORM_TYPE, 400, "That is not a form of this board."),
    ],
)
def test_what_is_no_form_is_refused_in_words(
    content: bytes, kind: str, status: int, words: str
) -> None:
    browser = browser_at(people.access("127.0.0.1"))
    answer = browser.post("/logout", content=content, headers={"Content-Type": kind})
    assert (answer.status_code, failure(answer.text)) == (status, words)
