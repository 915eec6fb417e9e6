"""What is answered directly is answered, logged and counted as the application would do it."""

import http.client
import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from shared.log.database import LogUnavailable
from shared.model.bundle import Bundle
from shared.serving.connection import Connection
from shared.serving.deployment import Deployment, ServingOptions
from shared.serving.direct import DirectAnswers
from shared.serving.observability.telemetry import Telemetry
from shared.serving.security import headers, keys
from shared.serving.security.connections import ConnectionLimits, Lobby
from shared.serving.security.guard import Guard, guarded
from tests.serving.processes import LOAN, listening, logged

SECRET, ENTRY = keys.new_key("shop", "predict")
PLAIN = json.dumps(LOAN).encode()
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
# What differs from one answer to the next.
OWN = ("date", "x-request-id", "traceresponse")


class Counting(DirectAnswers):
    """Counts what is answered directly."""

    direct = 0

    def begin(self, *given: Any) -> bool:
        begun = super().begin(*given)
        self.direct += begun
        return begun


@contextmanager
def served(
    bundle: Bundle, guard: Guard, *, directly: bool = True
) -> Iterator[tuple[int, Counting, Deployment]]:
    """Serve a bundle as a server's process does, with or without direct answers."""
    deployment = Deployment(bundle, ServingOptions(guard=guard), Telemetry())
    counting, lobby = Counting(deployment, guard), Lobby(ConnectionLimits())

    def made(*given: Any, **more: Any) -> Connection:
        return Connection(*given, lobby=lobby, direct=counting if directly else None, **more)

    app = deployment.telemetry.measured(guarded(deployment, guard))
    with listening(app, http=made, headers=headers.SECURITY_HEADERS) as url:
        yield int(url.rpartition(":")[2]), counting, deployment
    deployment.now.close()


@pytest.fixture
def away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have the log in a folder of the test's own."""
    monkeypatch.setenv("MILLRACE_LOG", f"sqlite:///{tmp_path / 'log.db'}")
    return tmp_path / "log.db"


def asked(
    port: int, body: bytes, path: str = "/predict", **more: str
) -> tuple[int, dict[str, str], Any]:
    """Return the status, the headers and the body of an answer."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    named = {name.replace("_", "-"): value for name, value in more.items()}
    client.request("POST", path, body, {"content-type": "application/json", **named})
    answer = client.getresponse()
    found = answer.status, dict(answer.getheaders()), json.loads(answer.read())
    client.close()
    return found


def alike(answer: tuple[int, dict[str, str], Any]) -> Any:
    """Return an answer without what is its own."""
    status, said, body = answer
    rows = body if isinstance(body, list) else [body]
    for row in [*rows, *body.get("items", ())] if isinstance(body, dict) else rows:
        row.pop("prediction_id", None)
        row.pop("request_id", None)
    return status, {n: v for n, v in sorted(said.items()) if n not in OWN}, body


REQUESTS: dict[str, tuple[bytes, dict[str, str]]] = {
    "a row": (PLAIN, {}),
    "rows": (json.dumps([LOAN, LOAN | {"loan": "A2"}]).encode(), {}),
    "with a charset": (PLAIN, {"content_type": "application/json; charset=utf-8"}),
    "in a trace": (PLAIN, {"traceparent": TRACE, "x_request_id": "mine"}),
    "no row": (b"[]", {}),
    "no JSON": (b"{", {}),
    "a wrong value": (json.dumps(LOAN | {"age": "old"}).encode(), {}),
    "a wrong name": (json.dumps(LOAN | {"colour": 1}).encode(), {}),
    "another kind": (PLAIN, {"content_type": "text/plain"}),
    "no body": (b"", {}),
    "a long body": (json.dumps([LOAN] * 700).encode(), {}),
    "to be closed": (PLAIN, {"connection": "close"}),
}
DIRECT = {"a row", "rows", "with a charset", "in a trace"}


def test_answers_are_the_application_s_own(bundle: Bundle, away: Path) -> None:
    guard = Guard()
    with served(bundle, guard) as (port, counting, _):
        found = {}
        for name, (body, more) in REQUESTS.items():
            before = counting.direct
            found[name] = asked(port, body, **more)
            assert (counting.direct > before) == (name in DIRECT), name
    with served(bundle, guard, directly=False) as (port, counting, _):
        for name, (body, more) in REQUESTS.items():
            other = asked(port, body, **more)
            assert sorted(other[1]) == sorted(found[name][1]), name
            assert alike(other) == alike(found[name]), name
    assert found["in a trace"][1]["x-request-id"] == "mine"
    assert found["in a trace"][1]["traceresponse"].startswith(TRACE[:36])


SLATES: dict[str, dict[str, Any]] = {
    "of a name": {"candidates": ["i03"], "slate": "a"},
    "described": {"candidates": [{"item": "new", "price": 2}], "slate": "b"},
    "of an unknown name": {"candidates": ["i99"]},
    "of too many": {"k": 13},
}


def test_so_are_slates(shelf_bundle: Bundle, away: Path) -> None:
    bodies = {
        name: json.dumps({"user": "u7", "age": 27} | more).encode() for name, more in SLATES.items()
    }
    said = {}
    for directly in (True, False):
        with served(shelf_bundle, Guard(), directly=directly) as (port, counting, deployment):
            found = {name: asked(port, body, "/recommend") for name, body in bodies.items()}
            said[directly] = {name: alike(answer) for name, answer in found.items()}
            assert counting.direct == 2 * directly
            measured = deployment.telemetry.metrics.registry.get_sample_value
            for status in ("200", "422"):
                labels = {"route": "/recommend", "status": status}
                assert measured("millrace_requests_total", labels) == 2
            assert measured("millrace_rows_predicted_total") == 2
    assert said[True] == said[False]
    assert sorted(logged(shelf_bundle, away)["key"]) == ["a:1", "a:1", "b:1", "b:1"]


def test_a_bundle_without_slates_has_no_such_route(bundle: Bundle, away: Path) -> None:
    with served(bundle, Guard()) as (port, counting, _):
        assert asked(port, b"{}", "/recommend")[0] == 404
        assert counting.direct == 0


def test_they_are_logged_and_counted(bundle: Bundle, away: Path) -> None:
    with served(bundle, Guard()) as (port, _, deployment):
        said = [asked(port, PLAIN)[2]["prediction_id"] for _ in range(3)]
        asked(port, b"{")
        measured = deployment.telemetry.metrics.registry.get_sample_value
        for status, count in ((200, 3), (422, 1)):
            labels = {"route": "/predict", "status": str(status)}
            assert measured("millrace_requests_total", labels) == count
        assert measured("millrace_rows_predicted_total") == 3
    assert sorted(logged(bundle, away)["prediction_id"]) == sorted(said)


def test_a_key_is_needed_where_there_are_some(bundle: Bundle, away: Path) -> None:
    known = keys.Keys(keys.parse_keys(ENTRY, "here"), None)
    with served(bundle, Guard(known)) as (port, counting, _):
        assert asked(port, PLAIN)[0] == 401
        assert asked(port, PLAIN, authorization="Bearer wrong")[0] == 401
        assert counting.direct == 0
        assert asked(port, PLAIN, authorization=f"Bearer {SECRET}")[0] == 200
        assert counting.direct == 1


def test_what_fails_is_told_as_the_application_tells_it(
    bundle: Bundle, away: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    failures: dict[str, Exception] = {"a log": LogUnavailable("gone"), "a bug": ValueError("oh")}
    said: dict[bool, list[Any]] = {True: [], False: []}
    for directly, answers in said.items():
        with served(bundle, Guard(), directly=directly) as (port, counting, deployment):
            for error in failures.values():

                def failing(rows: Any, error: Exception = error) -> None:
                    raise error

                deployment.now.batcher._write = failing
                answers.append(alike(asked(port, PLAIN)))
            assert counting.direct == 2 * directly
    assert said[True] == said[False]
    assert [status for status, *_ in said[True]] == [503, 500]
    assert capsys.readouterr().err.count("failed: POST /predict: ValueError: oh") == 2


def test_requests_that_come_together_are_answered_in_their_order(
    bundle: Bundle, away: Path
) -> None:
    def request(loan: str) -> bytes:
        body = json.dumps(LOAN | {"loan": loan}).encode()
        head = b"POST /predict HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n"
        return head + b"content-length: %d\r\n\r\n" % len(body) + body

    loans = [f"B{at}" for at in range(6)]
    with (
        served(bundle, Guard()) as (port, counting, _),
        socket.create_connection(("127.0.0.1", port), timeout=10) as sock,
    ):
        sock.sendall(b"".join(map(request, loans)))
        text = b""
        while text.count(b'"bundle"') < len(loans):
            text += sock.recv(65_536)
        assert counting.direct >= 1
    assert [text.find(loan.encode()) for loan in loans] == sorted(
        text.find(loan.encode()) for loan in loans
    )


def test_a_body_that_comes_late_is_left_to_the_application(bundle: Bundle, away: Path) -> None:
    head = b"POST /predict HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n"
    with (
        served(bundle, Guard()) as (port, counting, _),
        socket.create_connection(("127.0.0.1", port), timeout=10) as sock,
    ):
        sock.sendall(head + b"content-length: %d\r\n\r\n" % len(PLAIN) + PLAIN[:5])
        time.sleep(0.4)
        sock.sendall(PLAIN[5:])
        assert b" 200 OK" in sock.recv(65_536)
        assert counting.direct == 0


def test_who_went_away_is_counted_and_nobody_fails(bundle: Bundle, away: Path) -> None:
    with served(bundle, Guard()) as (port, counting, deployment):
        write = deployment.now.batcher._write

        def slow(rows: Any) -> None:
            time.sleep(0.2)
            write(rows)

        deployment.now.batcher._write = slow
        with socket.create_connection(("127.0.0.1", port)) as sock:
            head = b"POST /predict HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n"
            sock.sendall(head + b"content-length: %d\r\n\r\n" % len(PLAIN) + PLAIN)
            time.sleep(0.05)
        assert asked(port, PLAIN)[0] == 200
        assert counting.direct == 2
    assert len(logged(bundle, away)) == 2
