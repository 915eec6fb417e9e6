"""The board as a web application: its routes, and what every answer carries."""

from collections.abc import Callable
from importlib import resources
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response

from shared.board.access.door import Door
from shared.board.access.sessions import Sessions
from shared.board.board import Board
from shared.board.rendering import Pages
from shared.board.routes import (
    compare_routes,
    decide_routes,
    login_routes,
    lookup_routes,
    problem_routes,
    run_routes,
)
from shared.errors import Refusal

# Pages take nothing from elsewhere and run no script that stands in them.
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
# The files that pages load: the packages that they are of, their places there, and their types.
STATIC = {
    "board.css": ("shared.board", "static/board.css", "text/css"),
    "board.js": ("shared.board", "static/board.js", "text/javascript"),
    "htmx.js": ("js_lib_htmx", "static/htmx/htmx.min.js", "text/javascript"),
}


def create(board: Board) -> FastAPI:
    """Return the board's application."""
    app = FastAPI(title="Millrace board", docs_url=None, redoc_url=None, openapi_url=None)
    pages, sessions = Pages(), Sessions(board.access)
    door, render = Door(sessions, pages), pages.render
    for routes in (problem_routes, run_routes, compare_routes, lookup_routes):
        app.include_router(routes.router(board, pages))
    app.include_router(login_routes.router(sessions, pages))
    app.include_router(decide_routes.router(board, sessions, pages))

    @app.middleware("http")
    async def guarded(request: Request, call: Callable[..., Any]) -> Response:
        response: Response = door.admit(request) or await call(request)
        door.leave(request, response)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        return response

    @app.exception_handler(Refusal)
    def refused(request: Request, refusal: Refusal) -> HTMLResponse:
        return render(request, "error.html", getattr(refusal, "status", 404), words=str(refusal))

    @app.exception_handler(404)
    def missing(request: Request, error: Exception) -> HTMLResponse:
        return render(request, "error.html", 404, words="There is no such page.")

    @app.get("/static/{name}")
    def static(name: str) -> Response:
        if name not in STATIC:
            raise Refusal("There is no such file.")
        package, place, kind = STATIC[name]
        content = resources.files(package).joinpath(place).read_bytes()
        return Response(content, media_type=kind, headers={"Cache-Control": "max-age=60"})

    return app
