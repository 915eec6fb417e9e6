"""A request and its reply as ASGI has them."""

import asyncio
from typing import Any

import pytest
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message

from shared.errors import Refusal
from shared.log.database import LogUnavailable
from shared.serving.batching import DeadlinePassed, Overloaded
from shared.serving.routes import http


def received(*messages: Message) -> bytes | None:
    waiting = list(messages)

    async def receive() -> Message:
        return waiting.pop(0)

    return asyncio.run(http.content(receive))


def test_a_body_comes_in_pieces_and_is_none_when_the_client_is_gone() -> None:
    first: Message = {"type": "http.request", "body": b"[1,", "more_body": True}
    assert received(first, {"type": "http.request", "body": b"2]"}) == b"[1,2]"
    assert received(first, {"type": "http.disconnect"}) is None


@pytest.mark.parametrize(
    ("error", "status", "again", "kind"),
    [
        (Refusal("no"), 422, None, None),
        (LogUnavailable("gone"), 503, 5, None),
        (Overloaded("busy"), 503, 1, "refused"),
        (DeadlinePassed("late"), 503, 1, "deadline"),
    ],
)
def test_each_failure_has_its_status_and_says_when_to_ask_again(
    error: Exception, status: int, again: int | None, kind: str | None
) -> None:
    scope: dict[str, Any] = {"state": {}}
    failure = http.failure(scope, error)
    assert (failure.status, failure.again) == (status, again)
    assert failure.words.endswith(str(error))
    assert failure.headers == (((b"retry-after", str(again).encode()),) if again else ())
    assert scope["state"].get("error") == kind


def test_a_reply_has_its_type_and_length_and_what_is_not_bytes_is_json() -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(http.send_reply(send, (200, {"a": 1}, http.JSON, ((b"x", b"y"),))))
    start, body = sent
    assert body["body"] == b'{"a":1}'
    assert start["headers"] == [
        (b"content-type", b"application/json"),
        (b"content-length", b"7"),
        (b"x", b"y"),
    ]


def test_a_body_of_another_kind_is_told_which_are_taken() -> None:
    scope = {"headers": [(b"content-type", b" Text/Plain; charset=utf-8")]}
    assert http.media_type(scope) == b"text/plain"
    (error,) = http.other_media_type(scope, [http.JSON, b"text/csv"]).errors
    assert error.model_dump() == {
        "row": None,
        "field": "body",
        "problem": "the content-type must be one of application/json, text/csv",
        "received": "' Text/Plain; charset=utf-8'",
    }


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("sqlite:////srv/my loans/log.db: disk I/O error", "disk I/O error"),
        ("sqlite:////log.db: File exists: '/srv/taken'", "File exists: …"),
        (
            "postgresql+psycopg://ada:***@db.bank:5432/loans: connection failed: connection to "
            'server at "10.0.0.7", port 5432 failed: Connection refused',
            "connection failed: connection to server at … failed: Connection refused",
        ),
        (
            "postgresql+psycopg://ada@db/loans: failed to resolve host 'db.bank': not known, and "
            "the spool is full: 5 rows wait for the log",
            "failed to resolve host …: not known, and the spool is full: 5 rows wait for the log",
        ),
    ],
)
def test_the_logs_address_is_told_to_those_who_sent_a_key(words: str, told: str) -> None:
    assert http.why_away({}, words) == told
    assert http.why_away({"state": {"api_key_name": "ada"}}, words) == words
    error = LogUnavailable(words)
    assert http.failure({"state": {}}, error).words == f"{http.AWAY}: {told}"


def body_of(*messages: Message) -> bytes:
    waiting = list(messages)

    async def receive() -> Message:
        return waiting.pop(0)

    return asyncio.run(http.body(Request({"type": "http"}, receive)))


def test_a_body_in_one_piece_is_not_copied() -> None:
    piece = b"x" * (http.MANY_BYTES + 1)
    assert body_of({"type": "http.request", "body": piece}) is piece


def test_a_body_in_pieces_is_joined_whether_small_or_large() -> None:
    for piece in (b"ab", b"x" * http.MANY_BYTES):
        first = {"type": "http.request", "body": piece, "more_body": True}
        assert body_of(first, {"type": "http.request", "body": b"c"}) == piece + b"c"


def test_a_client_that_is_gone_has_no_body() -> None:
    with pytest.raises(ClientDisconnect):
        body_of({"type": "http.disconnect"})
