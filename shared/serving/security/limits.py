"""How large a request's body may be, and in what time it has to come."""

import asyncio
from types import TracebackType

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.serving.routes import http

MEBIBYTE = 1024 * 1024
MAX_BODY_BYTES = 16 * MEBIBYTE
BODY_SECONDS = 30.0
# What large bodies may take together, from their first bytes to their answers.
HELD_BYTES = 48 * MEBIBYTE
# A body of so many bytes is not counted among them.
SMALL_BYTES = 64 * 1024


class Deadlines:
    """Raises `TimeoutError` in a `with` block that takes longer than so many seconds, or a bit.

    One timer serves all blocks: a timer for each takes longer than most of what is timed.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._pause = min(1.0, seconds / 4)
        self._begun: dict[asyncio.Task[object], float] = {}
        self._late: set[asyncio.Task[object]] = set()
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> None:
        task, loop = asyncio.current_task(), asyncio.get_running_loop()
        assert task
        self._begun[task] = loop.time()
        if self._timer is None:
            self._timer = loop.call_later(self._pause, self._look, loop)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        task = asyncio.current_task()
        assert task
        self._begun.pop(task, None)
        if task in self._late:
            self._late.discard(task)
            if task.uncancel() == 0 and kind is asyncio.CancelledError:
                raise TimeoutError from error

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        now = loop.time()
        for task in [t for t, begun in self._begun.items() if now - begun >= self._seconds]:
            del self._begun[task]
            self._late.add(task)
            task.cancel()
        if self._begun:
            self._timer = loop.call_later(self._pause, self._look, loop)


class TooMuchHeld(Exception):  # noqa: N818  (the callers' doing, not an error here)
    """Large bodies take as much as they may together."""


class Held:
    """Counts the bytes of large bodies that are there at the moment."""

    def __init__(self, most: int) -> None:
        self.most, self.size = most, 0


class _Share:
    """What one body has of them."""

    def __init__(self, held: Held) -> None:
        self._held, self._size = held, 0

    def grow(self, size: int) -> None:
        """Take as much as a body has by now; raises `TooMuchHeld`."""
        if size > SMALL_BYTES:
            if self._held.size + size - self._size > self._held.most:
                raise TooMuchHeld
            self._held.size += size - self._size
            self._size = size

    def give_back(self) -> None:
        """Give back what was taken."""
        self._held.size -= self._size
        self._size = 0


def limited(app: ASGIApp, most: int = MAX_BODY_BYTES, seconds: float = BODY_SECONDS) -> ASGIApp:
    """Return the application for bodies of at most so many bytes that come within a time.

    It is given each body in one piece. Others are detail 413, at once where they tell their length
    beforehand, and 408. Where large bodies take too much together, one more is detail 429.
    """
    deadlines, held = Deadlines(seconds), Held(max(HELD_BYTES, 3 * most))

    async def received(scope: Scope, receive: Receive, send: Send, share: _Share) -> bytes | None:
        try:
            with deadlines:
                if int(http.header(scope, b"content-length") or 0) > most:
                    raise http.TooLarge
                return await http.content(receive, most, share.grow)
        except http.TooLarge:
            detail = f"a body may have {most:,} bytes: send fewer rows at once"
            await _refuse(413, detail, deadlines, receive, send)
        except TooMuchHeld:
            share.give_back()
            detail = "large requests take all room just now: send fewer rows at once, or later"
            await _refuse(429, detail, deadlines, receive, send)
        except TimeoutError:
            detail = f"the body did not come within {seconds:g} s"
            await _refuse(408, detail, None, receive, send)
        return None

    async def limiting(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        share = _Share(held)
        try:
            body = await received(scope, receive, send, share)
            if body is not None:
                await app(scope, _given(body, receive), send)
        finally:
            share.give_back()

    return limiting


def _given(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that begins with a body that was received already."""
    waiting: Message | None = {"type": "http.request", "body": body, "more_body": False}

    async def next_message() -> Message:
        nonlocal waiting
        message, waiting = waiting, None
        return message or await receive()

    return next_message


async def _refuse(
    status: int, detail: str, deadlines: Deadlines | None, receive: Receive, send: Send
) -> None:
    """Answer, and close; with deadlines, only when all that was on its way has come.

    A connection that is closed before takes the answer with it.
    """
    again = {"Retry-After": "1"} if status == 429 else {}
    answer = JSONResponse({"detail": detail}, status, {"Connection": "close", **again})
    headers = answer.raw_headers
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body, "more_body": True})
    if deadlines:
        await _drain(deadlines, receive)
    await send({"type": "http.response.body", "body": b""})


async def _drain(deadlines: Deadlines, receive: Receive) -> None:
    try:
        with deadlines:
            while (await receive()).get("more_body"):
                pass
    except TimeoutError:
        pass
