"""The board as a web application: which address shows what, and what every answer carries."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, PackageLoader, StrictUndefined

import shared
from shared import cards, lineage
from shared.board import (
    compare_routes,
    decide,
    home,
    login,
    lookup_routes,
    monitor_page,
    records,
    run_cards,
    run_page,
)
from shared.board.people import Access
from shared.board.records import Record, Records
from shared.board.sessions import Sessions, Visit
from shared.errors import Refusal
from shared.tasks.kinds import metric_name

# Pages take nothing from elsewhere and run no script that stands in them.
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
# A card's own scripts run, shut off from the board: it is a page that a flow has written.
CARD_POLICY = (
    "sandbox allow-scripts allow-popups; default-src 'unsafe-inline' 'unsafe-eval' data: blob:; "
    "frame-ancestors 'self'"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
# Tells the page that shows a card how tall it is, so that nothing scrolls within it.
HEIGHT = (
    "<script>new ResizeObserver(() => parent.postMessage({cardHeight: "
    "document.documentElement.scrollHeight}, '*')).observe(document.documentElement)</script>"
)
STATIC = {"board.css": "text/css", "board.js": "text/javascript"}


@dataclass(frozen=True)
class Board:
    """What the pages are made from: the branch that counts, the records, and who may come in."""

    branch: str
    records: Records = field(default_factory=Records)
    access: Access = field(default_factory=Access)


def create(board: Board) -> FastAPI:
    """Return the board's application."""
    app = FastAPI(title="Millrace board", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.board = board
    pages, sessions = Pages(board), Sessions(board.access)
    door, render = login.Door(sessions, pages), pages.render
    app.include_router(compare_routes.router(board, pages))
    app.include_router(lookup_routes.router(board, pages))
    app.include_router(login.router(sessions, pages))
    app.include_router(decide.router(board, sessions, pages))

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
        content = resources.files("shared.board").joinpath("static", name).read_bytes()
        return Response(content, media_type=STATIC[name], headers={"Cache-Control": "max-age=60"})

    @app.get("/")
    def first_page(request: Request, branch: str = board.branch) -> HTMLResponse:
        history = board.records.all()
        branches = sorted({record.branch for record in history if record.branch})
        states = home.states(history, branch)
        return render(request, "home.html", states=states, branch=branch, branches=branches)

    @app.get("/monitor/{problem}")
    def monitor(
        request: Request, problem: str, branch: str = board.branch, column: str | None = None
    ) -> HTMLResponse:
        page = monitor_page.read(board.records.all(), problem, branch, column)
        return render(request, "monitor.html", page=page, branch=branch)

    @app.get("/runs")
    def runs(request: Request) -> HTMLResponse:
        wanted = {name: value for name, value in request.query_params.items() if value}
        number = int(wanted.pop("page", "1")) if wanted.get("page", "1").isdigit() else 1
        history = board.records.all()
        found = [record for record in history if matches(record, wanted)]
        shown, pages = records.page_of(found, number)
        return render(
            request,
            "runs.html",
            records=shown,
            found=len(found),
            number=min(max(number, 1), pages),
            pages=pages,
            wanted=wanted,
            left=board.records.left,
            choices=choices(history),
        )

    @app.get("/runs/{flow}/{run}")
    def one_run(request: Request, flow: str, run: str) -> HTMLResponse:
        page = run_page.read(record_of(board, flow, run), board.records.all())
        return render(request, "run.html", page=page)

    @app.get("/runs/{flow}/{run}/cards/{step}/{title}")
    def one_card(flow: str, run: str, step: str, title: str) -> HTMLResponse:
        found = lineage.run_named(record_of(board, flow, run).pathspec)
        for card in run_cards.of_run(found) if found else ():
            if (card.step, card.title) == (step, title):
                headers = {"Content-Security-Policy": CARD_POLICY}
                return HTMLResponse(card.read() + HEIGHT, headers=headers)
        raise Refusal(f"{flow}/{run} has no card {title!r}.")

    @app.get("/runs/{flow}/{run}/artifacts/{step}/{name}")
    def one_artifact(request: Request, flow: str, run: str, step: str, name: str) -> HTMLResponse:
        record = record_of(board, flow, run)
        found = run_page.preview(record.pathspec, step, name)
        if found is None:
            raise Refusal(f"{record.pathspec} has no artifact {name!r} in its step {step!r}.")
        return render(request, "artifact.html", record=record, step=step, name=name, preview=found)

    return app


class Pages:
    """Renders the templates, each with what all of them show."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._templates = Environment(
            loader=PackageLoader("shared.board"), autoescape=True, undefined=StrictUndefined
        )
        self._templates.filters |= {"ago": ago, "moment": cards.moment, "cell": cards.cell}
        self._templates.filters["metric"] = metric_name

    def render(
        self, request: Request, template: str, status: int = 200, **values: Any
    ) -> HTMLResponse:
        """Return a page made from a template."""
        visit: Visit = request.state.visit
        common = {
            "person": visit.person,
            "token": visit.token,
            "logged_in": visit.logged_in,
            "path": request.url.path,
            "query": request.url.query,
            "version": shared.__version__,
            "history": Path.cwd().name,
            "marks": cards.MARKS,
        }
        text = self._templates.get_template(template).render(common | values)
        return HTMLResponse(text, status, headers={"Cache-Control": "no-store"})


def record_of(board: Board, flow: str, run: str) -> Record:
    """Return a run's record. Raises `Refusal` for an unknown run."""
    found = board.records.find(flow, run)
    if found is None:
        raise Refusal(f"{flow}/{run} is not in the run history.")
    return found


EXACT = ("flow", "problem", "branch", "state", "by")


def matches(record: Record, wanted: dict[str, str]) -> bool:
    """Return whether a record is what a query asks for.

    By flow, problem, branch, state and person; by the days `since` and `until` (ISO); and by a text
    `q` that its name, its word, its failure or a digest holds.
    """
    if any(getattr(record, name) != wanted[name] for name in EXACT if name in wanted):
        return False
    if not wanted.get("since", "") <= record.at[:10] <= wanted.get("until", "9999"):
        return False
    held = (record.pathspec, record.word, record.failure, record.facts.get("digest", ""))
    return wanted.get("q", "").casefold() in " ".join(map(str, held)).casefold()


def choices(history: list[Record]) -> dict[str, list[str]]:
    """Return what the runs can be filtered by: the values of each property."""
    return {name: sorted({getattr(r, name) for r in history} - {""}) for name in EXACT}


def ago(moment: str | datetime | None) -> str:
    """Return how long ago a moment was, in its largest unit; an ISO time or a datetime (UTC)."""
    if moment is None:
        return "—"
    at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    seconds = (datetime.now(UTC) - (at if at.tzinfo else at.replace(tzinfo=UTC))).total_seconds()
    if seconds >= 730 * 86_400:
        return f"{seconds / 31_557_600:.0f} years ago"
    for unit, length in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= length:
            return f"{seconds / length:.0f} {unit} ago"
    return "just now"
