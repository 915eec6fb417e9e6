"""The addresses of comparisons: the page of one, and the page where runs are chosen for it."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from shared.board.board import Board
from shared.board.pages import compare_page
from shared.board.rendering import Pages
from shared.errors import Refusal
from shared.runs.comparing import differences, sides
from shared.runs.stations import DONE

# So many runs are offered.
OFFERED = 30
Names = Annotated[list[str] | None, Query()]


def router(board: Board, pages: Pages) -> APIRouter:
    """Return the addresses of comparisons."""
    made = APIRouter()

    @made.get("/compare")
    def comparison(request: Request, run: Names = None, bundle: Names = None) -> HTMLResponse:
        named, history = (run or [], bundle or []), board.records.all()
        if len({*named[0], *named[1]}) == 1 or not any(named):
            return choose(request, *named)
        try:
            page = compare_page.read(sides.read(*named, history), history)
        except Refusal as refusal:
            status = 400 if isinstance(refusal, sides.NotComparable) else 404
            return choose(request, *named, status=status, words=str(refusal))
        return pages.render(request, "compare.html", page=page, better=differences.better)

    def choose(
        request: Request, runs: list[str], bundles: list[str], status: int = 200, words: str = ""
    ) -> HTMLResponse:
        history = board.records.all()
        offered = [r for r in history if r.flow in sides.COMPARED and r.state == DONE]
        ticked = {r.pathspec for r in offered if r.pathspec in runs}
        ticked |= {r.pathspec for r in offered if r.facts.get("digest") in bundles}
        # What is ticked comes first: it may be an old one.
        offered.sort(key=lambda record: record.pathspec not in ticked)
        values = {"words": words, "offered": offered[:OFFERED], "ticked": ticked}
        return pages.render(request, "compare_choose.html", status, **values)

    return made
