"""Connections: an answer leaves by one call of the system, and no head or body has no end."""

import asyncio
import select
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.serving.connection import Connection, _Gathering
from shared.serving.security.connections import ConnectionLimits, Lobby
from tests.serving.processes import listening


class Transport:
    """Keeps what is sent by each call."""

    def __init__(self) -> None:
        self.calls: list[list[bytes]] = []
        self.closed = False

    def writelines(self, parts: list[bytes]) -> None:
        self.calls.append(list(parts))

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True


def test_what_is_written_in_one_turn_is_sent_at_once() -> None:
    transport = Transport()

    async def answer() -> None:
        gathering = _Gathering(transport, asyncio.get_running_loop())  # type: ignore[arg-type]
        gathering.write(b"head")
        gathering.write(b"body")
        assert transport.calls == []
        await asyncio.sleep(0)
        gathering.write(b"the next")
        await asyncio.sleep(0)

    asyncio.run(answer())
    assert transport.calls == [[b"head", b"body"], [b"the next"]]


def test_what_was_written_is_sent_before_the_connection_closes() -> None:
    transport = Transport()

    async def answer() -> None:
        gathering = _Gathering(transport, asyncio.get_running_loop())  # type: ignore[arg-type]
        gathering.write(b"last words")
        gathering.close()

    asyncio.run(answer())
    assert transport.calls == [[b"last words"]]
    assert transport.closed


@contextmanager
def served(app: ASGIApp, **limits: Any) -> Iterator[int]:
    """Serve an application with limits at a free port, which is given."""

    def made(*given: Any, **more: Any) -> Connection:
        return Connection(*given, lobby=lobby, **more)

    lobby = Lobby(ConnectionLimits(**limits))
    with listening(app, http=made) as url:
        yield int(url.rpartition(":")[2])


async def _size(scope: Scope, receive: Receive, send: Send) -> None:
    body = await Request(scope, receive).body()
    await JSONResponse({"path": scope["path"], "size": len(body)})(scope, receive, send)


def said(port: int, *pieces: bytes, pause: float = 0.05) -> bytes:
    """Return all that is answered to pieces of a request."""
    answered = b""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as sock, suppress(OSError):
        for piece in pieces:
            # Who writes on to a closed connection loses what it said.
            if not select.select([sock], [], [], 0)[0]:
                sock.sendall(piece)
                time.sleep(pause)
        while piece := sock.recv(65_536):
            answered += piece
    return answered


CLOSE = b"Host: a\r\nConnection: close\r\n"
LONG = b"GET / HTTP/1.1\r\n" + CLOSE


def test_a_head_that_is_too_large_is_refused_and_any_other_is_not() -> None:
    with served(_size) as port:
        for head in (
            [LONG + b"a: %s\r\n\r\n" % (b"x" * 16_000)],
            [LONG + b"a: b\r\n" * 90 + b"\r\n"],
            [b"GET /%s HTTP/1.1\r\n%s\r\n" % (b"x" * 16_000, CLOSE)],
            [LONG, *[b"a: %s\r\n" % (b"x" * 3_000)] * 4, b"\r\n"],
        ):
            assert said(port, *head).startswith(b"HTTP/1.1 200 ")
        for head in (
            [LONG + b"a: %s\r\n\r\n" % (b"x" * 17_000)],
            [LONG + b"a: b\r\n" * 100 + b"\r\n"],
            [b"GET /%s HTTP/1.1\r\n%s\r\n" % (b"x" * 17_000, CLOSE)],
            # Without an end.
            [LONG + b"a: " + b"x" * 17_000],
            [LONG, *[b"a: %s\r\n" % (b"x" * 3_000)] * 6],
            [b"GET /" + b"x" * 5_000, *[b"x" * 5_000] * 3],
        ):
            answered = said(port, *head)
            assert answered.startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\n"), head
            assert b"a head may have 16,384 bytes, and 100 lines" in answered


def test_bodies_are_taken_in_pieces_and_what_is_around_them_is_limited() -> None:
    post = b"POST / HTTP/1.1\r\n" + CLOSE
    with served(_size) as port:
        chunks = b"1\r\nx\r\n" * 10_000 + b"0\r\n\r\n"
        whole = said(port, post + b"Transfer-Encoding: chunked\r\n\r\n", chunks)
        assert b'"size":10000' in whole
        large = b"x" * 3_000_000
        whole = said(port, post + b"Content-Length: 3000000\r\n\r\n", large)
        assert b'"size":3000000' in whole
        # Lines behind the body, and words behind the size of a chunk, have no end.
        for endless in (b"0\r\na: ", b"1;"):
            head = post + b"Transfer-Encoding: chunked\r\n\r\n"
            answered = said(port, head, endless, *[b"x" * 60_000] * 4)
            assert b" 200 " not in answered


def test_requests_that_do_not_wait_for_their_answers_are_answered_up_to_a_few() -> None:
    ask = b"POST /%d HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n" + b"x" * 300_000
    last = b"GET /last HTTP/1.1\r\n" + CLOSE + b"\r\n"
    with served(_size) as port:
        answered = said(port, ask % 1 + ask % 2 + last)
        assert answered.count(b'"size":300000') == 2
        assert b'"path":"/last"' in answered
        many = said(port, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 1_000)
        assert many.count(b" 200 ") < 100


def test_who_keeps_a_connection_waiting_is_cut_whatever_comes_in_drops() -> None:
    with served(_size, wait_seconds=0.5) as port:
        drops = [b"GET / HTTP/1.1\r\n", *[b"a: b\r\n"] * 6]
        answered = said(port, *drops, pause=0.5)
        assert answered.startswith(b"HTTP/1.1 408 ")
        assert b"the head of the request did not come in time" in answered
        assert said(port) == b""
        kept = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
        assert said(port, kept, pause=0.1).count(b" 200 ") == 1


def test_one_address_has_half_of_the_connections() -> None:
    with served(_size, most=4) as port, ExitStack() as held:
        for _ in range(2):
            held.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))
        time.sleep(0.1)
        assert said(port).startswith(b"HTTP/1.1 429 Too Many Requests\r\n")
        with socket.create_connection(("127.0.0.1", port), 10, ("127.0.0.2", 0)) as other:
            other.sendall(LONG + b"\r\n")
            assert other.recv(100).startswith(b"HTTP/1.1 200 ")
