"""Logging in and out, as a browser does."""

from collections.abc import Callable

import pytest

from shared.board.routes.login_routes import TRIES
from tests.board.boards import Browser, failure, token

pytestmark = pytest.mark.usefixtures("empty_history")
PROXY = {"user_header": "X-Forwarded-User", "proxies": ("10.0.0.1",)}


def test_who_logged_in_sees_pages_until_they_log_out(browser_of: Callable[..., Browser]) -> None:
    browser = browser_of("Vera")
    page = browser.get("/").text
    assert "Vera (viewer)" in page
    assert browser.post("/logout", data={"token": token(browser, "/")}).status_code == 303
    assert browser.get("/").status_code == 303


def test_a_login_leads_to_the_page_that_was_asked_for_and_to_no_others(
    browser_of: Callable[..., Browser], secrets: dict[str, str]
) -> None:
    browser = browser_of()
    for wanted, leads in {
        "/runs?q=a": "/runs?q=a",
        "//evil.example": "/",
        "/\\evil.example": "/",
        "https://evil.example": "/",
        "/a\nSet-Cookie: a=b": "/",
    }.items():
        form = {"name": "Vera", "key": secrets["Vera"], "next": wanted}
        answer = browser.post("/login", data=form | {"token": token(browser, "/login")})
        assert (answer.status_code, answer.headers["location"]) == (303, leads)


def test_a_wrong_key_is_refused_and_too_many_are_not_looked_at(
    browser_of: Callable[..., Browser], secrets: dict[str, str]
) -> None:
    browser = browser_of()
    form = {"token": token(browser, "/login"), "name": "Vera", "key": secrets["Ada Tester"]}
    for _ in range(TRIES):
        answer = browser.post("/login", data=form)
        assert (answer.status_code, failure(answer.text)) == (401, "No such name has this key.")
    answer = browser.post("/login", data=form | {"key": secrets["Vera"]})
    assert (answer.status_code, failure(answer.text)) == (
        429,
        "Too many wrong keys: wait a minute.",
    )
    assert answer.headers["retry-after"] == "60"
