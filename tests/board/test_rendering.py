"""Pages show what they are given as text, and say when something was in words."""

from datetime import UTC, datetime, timedelta, timezone

import jinja2
import pytest

from shared.board.rendering import Pages, after, ago, commands, in_digits, quoted
from tests.board.runs import request


@pytest.mark.parametrize(
    ("passed", "words"),
    [
        (timedelta(seconds=-90), "just now"),
        (timedelta(seconds=50), "just now"),
        (timedelta(minutes=7, seconds=1), "7 min ago"),
        (timedelta(hours=5, minutes=1), "5 h ago"),
        (timedelta(days=3, hours=1), "3 d ago"),
        (timedelta(days=729), "729 d ago"),
        (timedelta(days=1_096), "3 years ago"),
    ],
)
def test_how_long_ago_is_told_in_the_largest_unit(passed: timedelta, words: str) -> None:
    at = datetime.now(UTC) - passed
    east = at.astimezone(timezone(timedelta(hours=2)))
    assert [ago(each) for each in (at, at.replace(tzinfo=None), east)] == [words] * 3
    assert ago(east.isoformat()) == words


def test_nothing_has_no_moment() -> None:
    assert ago(None) == "—"


def test_a_number_that_is_none_in_its_digits_has_no_sign() -> None:
    assert in_digits(-0.00001) == "0.0000"
    assert in_digits(-0.0012) == "-0.0012"


def test_what_is_said_of_a_subject_does_not_name_it_twice() -> None:
    assert after("age moved", "age") == "moved"
    assert after("ages moved", "age") == "ages moved"


def test_a_value_is_one_word_of_a_shell() -> None:
    assert quoted("it passed; really") == "'it passed; really'"
    assert quoted(3) == "3"


def test_commands_in_a_sentence_are_code_and_the_rest_of_it_is_text() -> None:
    shown = commands("Train again: `make train` <i>now</i>, or `make check`.")
    assert shown == (
        "Train again: <code>make train</code> &lt;i&gt;now&lt;/i&gt;, or <code>make check</code>."
    )


def test_words_are_no_html_and_no_page_is_kept_by_a_browser() -> None:
    page = Pages().render(request("/runs"), "error.html", 404, words="<b>no</b> & none")
    assert page.status_code == 404
    assert "&lt;b&gt;no&lt;/b&gt; &amp; none" in bytes(page.body).decode()
    assert page.headers["cache-control"] == "no-store"


def test_a_page_that_lacks_a_value_fails_instead_of_showing_a_gap() -> None:
    with pytest.raises(jinja2.UndefinedError, match="words"):
        Pages().render(request("/runs"), "error.html")
