"""Bodies that are too large, or too slow."""

import asyncio
import json
import socket

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from shared.serving.security import limits
from shared.serving.security.limits import Deadlines
from tests.serving.conftest import Guarded
from tests.serving.processes import LOAN, listening


def test_a_body_beyond_the_limit_is_refused_announced_or_not(guarded: Guarded) -> None:
    body = json.dumps([LOAN] * 10_000).encode()
    assert len(body) > 1024 * 1024
    answer = guarded.ask("POST", "/predict", "predict", content=body)
    assert answer.status_code == 413
    assert answer.json()["detail"].startswith("a body may have 1,048,576 bytes")
    pieces = (body[at : at + 65_536] for at in range(0, len(body), 65_536))
    assert guarded.ask("POST", "/predict", "predict", content=pieces).status_code == 413


async def _size(scope: Scope, receive: Receive, send: Send) -> None:
    body = await Request(scope, receive).body()
    await JSONResponse({"size": len(body)})(scope, receive, send)


def test_a_body_that_does_not_come_is_given_up() -> None:
    app = limits.limited(_size, most=1_000, seconds=0.3)
    with listening(app) as url:
        assert httpx.post(url, content=b"x" * 1_000).json() == {"size": 1_000}
        assert httpx.post(url, content=b"x" * 1_001).status_code == 413
        port = int(url.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=10) as sock:
            sock.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n123")
            answered = b"".join(iter(lambda: sock.recv(4_096), b""))
    assert answered.startswith(b"HTTP/1.1 408 ")
    assert b"did not come within 0.3 s" in answered


async def _wait(deadlines: Deadlines, seconds: float) -> str:
    with deadlines:
        await asyncio.sleep(seconds)
    return "in time"


def test_a_block_that_takes_too_long_is_ended_and_the_others_are_not() -> None:
    async def both() -> list[object]:
        deadlines = Deadlines(0.1)
        waiting = [_wait(deadlines, 0.01), _wait(deadlines, 60), _wait(deadlines, 0.02)]
        return await asyncio.gather(*waiting, return_exceptions=True)

    first, late, last = asyncio.run(asyncio.wait_for(both(), 10))
    assert isinstance(late, TimeoutError)
    assert (first, last) == ("in time", "in time")


def test_who_cancels_a_block_from_outside_is_not_told_of_a_deadline() -> None:
    async def cancelled() -> None:
        task = asyncio.create_task(_wait(Deadlines(60), 60))
        await asyncio.sleep(0)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(cancelled())
