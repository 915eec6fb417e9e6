"""The address of look-ups: a prediction's id or a key, in the log of a problem."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from shared.board.board import Board
from shared.board.pages import lookup_page
from shared.board.pages.todays_answers import OpenedBundles
from shared.board.rendering import Pages
from shared.errors import Refusal

LONGEST = 500
# So many features are shown of the reasons for an answer; the others are added up.
MOST_REASONS = 12


def router(board: Board, pages: Pages) -> APIRouter:
    """Return the address of look-ups."""
    made, opened = APIRouter(), OpenedBundles()

    @made.get("/lookup")
    def look_up(
        request: Request,
        problem: str = "",
        wanted: Annotated[str, Query(alias="id")] = "",
        reasons: bool = False,
    ) -> HTMLResponse:
        history, page, status = board.records.all(), None, 200
        wanted = wanted.strip()[:LONGEST]
        if problem and wanted:
            try:
                page = lookup_page.read(problem, wanted, history, opened, reasons)
                status = 200 if page.rows else 404
            except Refusal as refusal:
                page, status = lookup_page.LookupPage((), words=str(refusal)), 404
        problems = lookup_page.problems(history)
        values = {"problem": problem, "wanted": wanted, "problems": problems, "reasons": reasons}
        values |= {"page": page, "most": lookup_page.MOST, "shown": MOST_REASONS}
        return pages.render(request, "lookup.html", status, **values)

    return made
