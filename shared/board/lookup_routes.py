"""The address of look-ups: a prediction's id or a key, in the log of a problem."""

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from shared.board import lookup, records
from shared.errors import Refusal

if TYPE_CHECKING:
    from shared.board.app import Board, Pages

LONGEST = 500


def router(board: "Board", pages: "Pages") -> APIRouter:
    """Return the address of look-ups."""
    made, predictors = APIRouter(), lookup.Predictors()

    @made.get("/lookup")
    def look_up(
        request: Request, problem: str = "", wanted: Annotated[str, Query(alias="id")] = ""
    ) -> HTMLResponse:
        history, page, status = board.records.all(), None, 200
        wanted = wanted.strip()[:LONGEST]
        if problem and wanted:
            try:
                page = lookup.read(problem, wanted, history, predictors)
                status = 200 if page.rows else 404
            except Refusal as refusal:
                page, status = lookup.LookupPage((), words=str(refusal)), 404
        problems = list(records.problems(history))
        values = {"problem": problem, "wanted": wanted, "problems": problems}
        return pages.render(request, "lookup.html", status, page=page, most=lookup.MOST, **values)

    return made
