"""The methods of HTTP that every route takes: HEAD where GET is, and OPTIONS, which lists them."""

from collections.abc import Iterable

from fastapi import FastAPI
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.serving.routes import http
from shared.serving.routes.http import JSON, Reply

METHODS = ("GET", "POST")


def not_allowed(scope: Scope, taken: Iterable[str]) -> Reply:
    """Return the reply to a method that a route does not take, and to OPTIONS."""
    listed = ", ".join(sorted({*taken, "OPTIONS"} | ({"HEAD"} if "GET" in taken else set())))
    allow = ((b"allow", listed.encode()),)
    if scope["method"] == "OPTIONS":
        return 204, b"", JSON, allow
    return 405, {"detail": "Method Not Allowed"}, JSON, allow


def with_methods(app: FastAPI) -> ASGIApp:
    """Return an application that answers HEAD as GET without its body, and OPTIONS."""

    async def answering(scope: Scope, receive: Receive, send: Send) -> None:
        taken = _taken(app, scope) if scope["type"] == "http" else set()
        if not taken or scope["method"] in taken:
            await app(scope, receive, send)
        elif scope["method"] == "HEAD" and "GET" in taken:
            await _answer_head(app, scope, receive, send)
        else:
            await http.send_reply(send, not_allowed(scope, taken))

    return answering


def _taken(app: FastAPI, scope: Scope) -> set[str]:
    """Return the methods that a path is asked by; none where there is no such path."""
    return {
        method
        for method in METHODS
        if any(r.matches({**scope, "method": method})[0] is Match.FULL for r in app.routes)
    }


async def _answer_head(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    asked = {**scope, "method": "GET"}

    async def without_body(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    try:
        await app(asked, receive, without_body)
    finally:
        scope["route"] = asked.get("route")
