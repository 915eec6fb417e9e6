"""Who is let in: by a key, by a proxy's word, by the board's own names."""

from collections.abc import Callable

import pytest

from shared.board.access import people
from tests.board.boards import Browser, browser_at, failure

pytestmark = pytest.mark.usefixtures("empty_history")
PROXY = {"user_header": "X-Forwarded-User", "proxies": ("10.0.0.1",)}


def test_nobody_sees_a_page_without_a_key(browser_of: Callable[..., Browser]) -> None:
    browser = browser_of()
    answer = browser.get("/runs?q=a&page=2")
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "/login?next=/runs%3Fq%3Da%26page%3D2",
    )
    assert browser.get("/static/board.css").status_code == 200
    assert browser.post("/decide/loans/00000000").status_code == 401


def test_a_board_is_not_asked_by_a_strangers_name() -> None:
    browser = browser_at(people.access("127.0.0.1"))
    answer = browser.get("/", headers={"Host": "rebound.example"})
    assert answer.status_code == 421
    assert "set-cookie" not in answer.headers
    assert failure(answer.text).startswith("The board is not known by this name")


def test_a_proxys_word_counts_from_its_address_alone() -> None:
    access = people.access("127.0.0.1", **PROXY)
    named = {"X-Forwarded-User": "Ada", "X-Forwarded-For": "10.0.0.1"}
    stranger = browser_at(access, client="10.0.0.2").get("/", headers=named)
    assert stranger.status_code == 403
    assert failure(stranger.text).startswith("Nobody is named by a proxy that this board trusts")
    assert "Ada (viewer)" in browser_at(access, client="10.0.0.1").get("/", headers=named).text


def test_a_link_from_elsewhere_opens_itself_once_more(browser_of: Callable[..., Browser]) -> None:
    browser = browser_of()
    answer = browser.get("/runs?q=a", headers={"Sec-Fetch-Site": "cross-site"})
    assert '<meta http-equiv="refresh" content="0">' in answer.text
    assert '<a href="/runs?q=a">' in answer.text
