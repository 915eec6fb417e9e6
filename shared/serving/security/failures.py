"""What nobody expected: the caller is told a number to ask about, the server's owner what it is."""

import sys
import traceback

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uuid_utils import uuid7

LAST_CALLS = 3


def handled(app: ASGIApp) -> ASGIApp:
    """Return the application with a 500 and a line on stderr for each exception that it raises."""

    async def handling(scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await app(scope, receive, noted)
        except Exception as error:
            if scope["type"] != "http":
                raise
            report(scope, error)
            if not begun:
                await answer(Request(scope), error)(scope, receive, send)

    return handling


def report(scope: Scope, error: Exception) -> None:
    """Say on stderr which request failed, and where."""
    print(_line(scope, error), file=sys.stderr, flush=True)


def answer(request: Request, error: Exception) -> JSONResponse:
    """Return the 500 for an exception; it tells nothing of it but the request's id."""
    detail = "the server failed; its log tells why under this request_id"
    return JSONResponse({"detail": detail, "request_id": _id(request.scope)}, status_code=500)


def _line(scope: Scope, error: Exception) -> str:
    calls = traceback.extract_tb(error.__traceback__)[-LAST_CALLS:]
    where = " > ".join(f"{call.filename}:{call.lineno} {call.name}" for call in calls)
    # A message may hold what a caller sent: no line of it may look like a line of this log.
    what = ascii(str(error))[1:-1]
    asked = f"{scope['method']} {ascii(scope['path'])[1:-1]}"
    return f"request {_id(scope)} failed: {asked}: {type(error).__name__}: {what} ({where})"


def _id(scope: Scope) -> str:
    found: str = scope.setdefault("state", {}).setdefault("request_id", uuid7().hex)
    return found
