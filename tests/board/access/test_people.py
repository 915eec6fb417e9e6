"""Who looks at the board: whom a proxy names, whom a file names, and who runs it."""

from pathlib import Path

import pytest
from starlette.requests import Request

from shared.board.access import people
from shared.board.access.people import PEOPLE, Person
from shared.errors import Refusal
from shared.serving.security import keys

PROXY = {"user_header": "X-Forwarded-User", "proxies": ("10.0.0.0/28",)}


def asked(address: str, *names: str, host: str = "localhost") -> Request:
    """Return a request from an address, with these names in the proxy's header."""
    headers = [(b"host", host.encode()), *((b"x-forwarded-user", n.encode()) for n in names)]
    return Request({"type": "http", "headers": headers, "client": (address, 1)})


@pytest.mark.parametrize("address", ["10.0.0.3", "::ffff:10.0.0.3"])
def test_a_trusted_proxy_names_who_asks(address: str) -> None:
    access = people.access("0.0.0.0", **PROXY, user_role="reviewer")
    person = access.by_word_of_proxy(asked(address, "Zoë Müller"))
    assert person == Person("Zoë Müller", "reviewer")


@pytest.mark.parametrize(
    "request_",
    [
        asked("10.0.0.99", "Ada"),
        asked("testclient", "Ada"),
        asked("10.0.0.3"),
        asked("10.0.0.3", ""),
        asked("10.0.0.3", "Ada", "Eve"),
        asked("10.0.0.3", "--reviewer Eve"),
        asked("10.0.0.3", "A" * 65),
    ],
)
def test_others_and_what_is_no_name_are_nobody(request_: Request) -> None:
    assert people.access("0.0.0.0", **PROXY).by_word_of_proxy(request_) is None


def test_who_is_among_the_people_has_the_role_there(tmp_path: Path) -> None:
    _, line = keys.new_key("Ada", "reviewer", PEOPLE)
    (tmp_path / "people").write_text(line)
    access = people.access("127.0.0.1", tmp_path / "people", **PROXY)
    named = [access.by_word_of_proxy(asked("10.0.0.3", name)) for name in ("Ada", "Bob")]
    assert named == [Person("Ada", "reviewer"), Person("Bob", "viewer")]


def test_who_runs_the_board_decides_under_the_reviewers_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MILLRACE_REVIEWER", "Ada Tester")
    assert people.access("127.0.0.1").local == Person("Ada Tester", "reviewer")
    for name in ("MILLRACE_REVIEWER", "METAFLOW_USER", "SUDO_USER", "USERNAME", "USER"):
        monkeypatch.delenv(name, raising=False)
    assert people.access("127.0.0.1").local.may_decide is False


@pytest.mark.parametrize(
    ("host", "options", "words"),
    [
        ("0.0.0.0", {}, "whoever reaches 0.0.0.0 could decide: name people with --people FILE"),
        ("10.1.2.3", {}, "whoever reaches 10.1.2.3 could decide"),
        ("127.0.0.1", {"user_header": "X-User"}, "--user-header and --trusted-proxy go together"),
        ("127.0.0.1", {"proxies": ("10.0.0.1",)}, "--user-header and --trusted-proxy go together"),
        ("::1", {"user_header": "X", "proxies": ("here",)}, "--trusted-proxy: 'here' does not"),
        ("::1", {"people": Path("none")}, "MILLRACE_BOARD_PEOPLE: none cannot be read: No such"),
    ],
)
def test_a_board_that_anybody_could_decide_at_does_not_start(host, options, words) -> None:
    with pytest.raises(Refusal, match="^(--people or )?" + words):
        people.access(host, **options)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("Ada:reviewer", "entry 1 of FILE has 2 parts"),
        ("Ada:admin:" + 64 * "0", "its role is none of viewer, reviewer"),
        ("-Ada:viewer:" + 64 * "0", "a name is 1 to 64 letters, digits, blanks, and"),
        ("Ada:viewer:secret", "millrace board-key` makes one"),
    ],
)
def test_a_wrong_line_of_the_people_is_named(tmp_path: Path, line: str, words: str) -> None:
    file = tmp_path / "people"
    file.write_text(line)
    with pytest.raises(Refusal) as refusal:
        people.access("127.0.0.1", file)
    assert words.replace("FILE", str(file)) in str(refusal.value)


@pytest.mark.parametrize(
    ("host", "names", "known"),
    [
        ("127.0.0.1", (), {"localhost:8080", "127.0.0.1", "[::1]:80", "LOCALHOST"}),
        ("::1", ("board.example.com",), {"[::1]:8080", "board.example.com:443"}),
    ],
)
def test_the_board_is_known_by_its_own_names_alone(host, names, known) -> None:
    access = people.access(host, names=names)
    asked_for = [*known, "evil.example", "localhost.evil.example", ""]
    assert {h for h in asked_for if access.knows_host(asked("127.0.0.1", host=h))} == known
