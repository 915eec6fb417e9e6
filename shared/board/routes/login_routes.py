"""Logging in and out: a key is tried only so often."""

import re
import time
from collections import defaultdict, deque
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from shared.board.access.sessions import Forbidden, Form, Sessions, Visit, read_form
from shared.board.rendering import Pages
from shared.serving.security.keys import ApiKey

# So many wrong keys are taken from one address within a minute.
TRIES, TRIES_SECONDS = 10, 60.0


class Tries:
    """Counts the wrong keys of each address within the last minute."""

    def __init__(self) -> None:
        self._failed: dict[str, deque[float]] = defaultdict(deque)

    def are_over(self, address: str) -> bool:
        """Return whether an address has tried too often."""
        recent = time.monotonic() - TRIES_SECONDS
        for other in [a for a, times in self._failed.items() if not times or times[-1] < recent]:
            del self._failed[other]
        failed = self._failed.get(address, deque[float]())
        while failed and failed[0] < recent:
            failed.popleft()
        return len(failed) >= TRIES

    def failed(self, address: str) -> None:
        """Count a wrong key."""
        self._failed[address].append(time.monotonic())


def router(sessions: Sessions, pages: Pages) -> APIRouter:
    """Return the pages to log in and out."""
    routes, tries = APIRouter(), Tries()

    @routes.get("/login")
    def login_page(request: Request, next: str = "/") -> Response:
        if not sessions.access.asks_for_key:
            raise Forbidden("Nobody logs in here: the board knows you by other means.", 404)
        return pages.render(request, "login.html", problem="", name="", wanted=next)

    @routes.post("/login")
    def log_in(request: Request, form: Annotated[Form, Depends(read_form)]) -> Response:
        visit: Visit = request.state.visit
        sessions.require_own_form(request, visit, form)
        address = request.client.host if request.client else ""
        name, wanted = form.get("name", "").strip(), form.get("next", "/")
        if tries.are_over(address):
            status, problem = 429, "Too many wrong keys: wait a minute."
        elif key := _held(sessions, name, form.get("key", "")):
            answer = RedirectResponse(_own_page(wanted), 303)
            sessions.begin(request, answer, key)
            return answer
        else:
            tries.failed(address)
            status, problem = 401, "No such name has this key."
        page = pages.render(
            request, "login.html", status, problem=problem, name=name, wanted=wanted
        )
        if status == 429:
            page.headers["Retry-After"] = f"{TRIES_SECONDS:.0f}"
        return page

    @routes.post("/logout")
    def log_out(request: Request, form: Annotated[Form, Depends(read_form)]) -> Response:
        sessions.require_own_form(request, request.state.visit, form)
        answer = RedirectResponse("/login" if sessions.access.asks_for_key else "/", 303)
        sessions.end(answer)
        return answer

    return routes


def _held(sessions: Sessions, name: str, secret: str) -> ApiKey | None:
    """Return the key of a secret, if it is that of the name."""
    keys = sessions.access.keys
    found = keys.matching(secret.strip().encode()) if keys else None
    return found if found and found.name == name else None


def _own_page(address: str) -> str:
    """Return a page of this board's, or the first one for an address of another's."""
    return address if re.fullmatch(r"/(?![/\\])[\x21-\x7e]*", address) else "/"
