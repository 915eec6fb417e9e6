"""Where decisions are made: the evidence, the form, and the attempt that is followed to its end."""

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from shared import problems
from shared.board.access.people import NOBODY
from shared.board.access.sessions import Forbidden, Form, Sessions, Visit, read_form
from shared.board.attempts import MOST_REASON, Attempts, Wanted, run_on_argo
from shared.board.board import Board
from shared.board.pages import decide_page
from shared.board.rendering import Pages
from shared.errors import Refusal
from shared.review.decisions import KINDS

DIGEST = re.compile(r"[0-9a-f]{8,64}")


def router(board: Board, sessions: Sessions, pages: Pages) -> APIRouter:
    """Return the pages to decide at."""
    routes, attempts = APIRouter(), Attempts()

    @routes.get("/decide/{problem}/{digest}")
    def evidence(
        request: Request, problem: str, digest: str, branch: str = board.branch
    ) -> Response:
        return page_of(request, problem, digest, branch)

    @routes.post("/decide/{problem}/{digest}")
    def decide(
        request: Request,
        problem: str,
        digest: str,
        form: Annotated[Form, Depends(read_form)],
        branch: str = board.branch,
    ) -> Response:
        visit: Visit = request.state.visit
        sessions.require_own_form(request, visit, form)
        try:
            wanted = _wanted(visit, form, problem, digest, branch)
            settings = problems.file_here(problem)
            if settings is None:
                raise Forbidden(f"The settings of {problem} are not here: nothing can be decided.")
            attempt = attempts.start(wanted, settings, _on_argo(board, wanted))
        except Forbidden:
            raise
        except Refusal as refusal:
            reason = form.get("reason", "")
            return page_of(request, problem, digest, branch, str(refusal), reason)
        return RedirectResponse(f"/attempts/{attempt.number}", 303)

    @routes.get("/attempts/{number}")
    def one_attempt(request: Request, number: str) -> Response:
        attempt = attempts.find(number)
        if attempt is None:
            raise Refusal("There is no such attempt; its run, if it had one, is among the runs.")
        stands, why = attempt.followed(board.records.all())
        return pages.render(request, "attempt.html", attempt=attempt, stands=stands, why=why)

    def page_of(
        request: Request,
        problem: str,
        digest: str,
        branch: str,
        refusal: str = "",
        reason: str = "",
    ) -> Response:
        _require_names(problem, digest)
        person, history = request.state.visit.person, board.records.all()
        page = decide_page.read(history, problem, digest, branch, person)
        said = {"refusal": refusal, "reason": reason, "most_reason": MOST_REASON}
        status = 409 if refusal else 200
        return pages.render(request, "decide.html", status, page=page, branch=branch, **said)

    return routes


def _on_argo(board: Board, wanted: Wanted) -> bool:
    of_problem = {"problem": wanted.problem, "branch": wanted.branch}
    return run_on_argo(record for record in board.records.all() if record.is_like(of_problem))


def _require_names(problem: str, digest: str) -> None:
    if not (problems.NAME.fullmatch(problem) and DIGEST.fullmatch(digest)):
        raise Refusal("A bundle is named by its problem and 8 or more digits of its digest.")


def _wanted(visit: Visit, form: Form, problem: str, digest: str, branch: str) -> Wanted:
    """Return what a form asks for. Raises `Forbidden` for who may not, `Refusal` for no reason."""
    _require_names(problem, digest)
    person, kind = visit.person, form.get("decision", "")
    reason = " ".join(form.get("reason", "").split())
    if not person or not person.may(kind):
        name = person.name if person else NOBODY
        raise Forbidden(f"{name} may look, but not decide: that takes the role of a reviewer.")
    if kind not in KINDS:
        raise Refusal(f"Choose one of {', '.join(KINDS)}.")
    # The dots that a field may be filled with are no words.
    if not any(map(str.isalnum, reason)):
        if kind == "comment":
            raise Refusal("A comment needs words: write them.")
        raise Refusal("A decision needs a reason: write one, in a sentence.")
    if len(reason) > MOST_REASON or "\0" in reason:
        raise Refusal(f"A reason is a text of at most {MOST_REASON:,} characters.")
    return Wanted(problem, branch, digest, kind, reason, person.name)
