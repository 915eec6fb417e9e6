"""A request and its reply as ASGI has them, and what a reply says where nothing is answered."""

import asyncio
import math
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic_core import to_json
from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope, Send

from shared.errors import Refusal
from shared.log.database import LogUnavailable
from shared.serving.batching import DeadlinePassed, Overloaded
from shared.serving.request_rows.validation_errors import InvalidRows, body_error

AWAY = "the prediction log is away, so nothing is answered"
# An address as the log shows it, and what a database's own words have of one.
ADDRESS = re.compile(r"[a-z][a-z0-9+]*://.*?: ")
QUOTED = re.compile(r"(?P<mark>[\"'`]).*?(?P=mark)(?: \([^)]*\))?(?:, port \d+)?")
JSON = b"application/json"
# Python lets others have their turn while it joins more than a mebibyte.
MANY_BYTES = 1024 * 1024
# What asking for an answer raises, and a caller is told.
KNOWN = (Refusal, Overloaded, LogUnavailable)
Headers = tuple[tuple[bytes, bytes], ...]
# A status, what is given (as bytes, or to be made JSON), its media type, and further headers.
Reply = tuple[int, Any, bytes, Headers]


@dataclass(frozen=True)
class Failure:
    """Why there is no answer: the status, the words, and in how many seconds to ask again."""

    status: int
    words: str
    again: int | None = None

    @property
    def headers(self) -> Headers:
        """The headers that say when to ask again."""
        return ((b"retry-after", str(self.again).encode()),) if self.again else ()


def failure(scope: Scope, error: Exception) -> Failure:
    """Return what a caller is told of an error that is one of `KNOWN`, and note its kind."""
    if isinstance(error, LogUnavailable):
        return Failure(503, log_away(scope, error), again=5)
    if isinstance(error, Overloaded):
        scope["state"]["error"] = "deadline" if isinstance(error, DeadlinePassed) else "refused"
        return Failure(503, str(error), again=1)
    scope["state"]["why"] = str(error)
    return Failure(422, str(error))


def log_away(scope: Scope, error: Exception) -> str:
    """Return what a caller is told of a log that is away."""
    return f"{AWAY}: {why_away(scope, str(error))}"


def why_away(scope: Scope, words: str) -> str:
    """Return why the log is away: without its address, or a path, for a caller without a key."""
    if scope.get("state", {}).get("api_key_name"):
        return words
    return QUOTED.sub("…", ADDRESS.sub("", words))


def refused(scope: Scope, invalid: InvalidRows) -> dict[str, Any]:
    """Note what rows were refused for, and return the body that says it."""
    scope["state"] |= {"refused": invalid.refused, "error": "bad_row"}
    return invalid.body


def answered(scope: Scope, answers: Sequence[Any]) -> None:
    """Note which rows a request was answered."""
    scope["state"] |= {"rows": len(answers), "prediction_id": answers[0].prediction_id}


def header(scope: Scope, wanted: bytes) -> bytes:
    """Return a header's value; empty when there is none."""
    for name, value in scope["headers"]:
        if name == wanted:
            return bytes(value)
    return b""


def media_type(scope: Scope) -> bytes:
    """Return what a body is said to be, without parameters."""
    return header(scope, b"content-type").partition(b";")[0].strip().lower()


def other_media_type(scope: Scope, taken: Sequence[bytes]) -> InvalidRows:
    """Return what is raised for a body of another kind than is taken.

    A page of another site may make a browser send a text, but none of these.
    """
    kinds = b", ".join(taken).decode()
    received = ascii(header(scope, b"content-type").decode("latin-1"))
    return body_error(f"the content-type must be one of {kinds}", received)


class TooLarge(Exception):  # noqa: N818  (the caller's mistake, not an error here)
    """A body is larger than is taken."""


async def content(
    receive: Receive, most: float = math.inf, grown: Callable[[int], None] = lambda size: None
) -> bytes | None:
    """Return the body; None when the client is gone. Raises `TooLarge` beyond `most` bytes.

    Calls `grown` with how many bytes have come, each time that there are more.
    """
    parts: list[bytes] = []
    size, more = 0, True
    while more and size <= most:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        size, more = size + len(parts[-1]), message.get("more_body", False)
        grown(size)
    if size > most:
        raise TooLarge
    if len(parts) == 1:
        return parts[0]
    # To join many takes long, and lets others have their turn in a thread of its own.
    return await asyncio.to_thread(b"".join, parts) if size > MANY_BYTES else b"".join(parts)


async def body(request: Request) -> bytes:
    """Return a request's body, which is not copied; raises as `Request.body` does."""
    found = await content(request.receive)
    if found is None:
        raise ClientDisconnect
    return found


async def send_reply(send: Send, reply: Reply) -> None:
    """Send what is given; what is not bytes as JSON."""
    status, given, kind, extra = reply
    body = given if isinstance(given, bytes) else to_json(given)
    size = (b"content-length", str(len(body)).encode())
    headers = [(b"content-type", kind), size, *extra]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def answer(
    scope: Scope, receive: Receive, send: Send, reply: Callable[[Scope, bytes], Awaitable[Reply]]
) -> None:
    """Send the reply to a request's body, unless the client is gone."""
    found = await content(receive)
    if found is not None:
        await send_reply(send, await reply(scope, found))
