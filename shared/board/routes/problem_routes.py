"""The addresses of problems: how all of a branch stand, and the windows of one."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from shared.board.board import Board
from shared.board.pages import monitor_page, problem_states
from shared.board.pages.todays_answers import OpenedBundles
from shared.board.rendering import Pages


def router(board: Board, pages: Pages) -> APIRouter:
    """Return the addresses of problems."""
    made, opened = APIRouter(), OpenedBundles()

    @made.get("/")
    def first_page(request: Request, branch: str = board.branch) -> HTMLResponse:
        history = board.records.all()
        branches = sorted({record.branch for record in history if record.branch})
        states = problem_states.states(history, branch)
        return pages.render(request, "home.html", states=states, branch=branch, branches=branches)

    @made.get("/monitor/{problem}")
    def monitor(
        request: Request,
        problem: str,
        branch: str = board.branch,
        column: str | None = None,
        reasons: bool = False,
    ) -> HTMLResponse:
        asked = opened if reasons else None
        page = monitor_page.read(board.records.all(), problem, branch, column, asked)
        return pages.render(request, "monitor.html", page=page, branch=branch, reasons=reasons)

    return made
