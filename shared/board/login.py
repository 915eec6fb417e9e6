"""The door: nobody sees a page whom the board does not know, and a key is tried only so often."""

import re
import time
from collections import defaultdict, deque
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from shared.board.sessions import Forbidden, Form, Sessions, Visit, read_form
from shared.serving.security.keys import ApiKey

if TYPE_CHECKING:
    from shared.board.app import Pages

# So many wrong keys are taken from one address within a minute.
TRIES, TRIES_SECONDS = 10, 60.0
OPEN_PATHS = ("/login", "/static/")


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


class Door:
    """Lets in whom the board knows, each request anew."""

    def __init__(self, sessions: Sessions, pages: "Pages") -> None:
        self._sessions, self._pages = sessions, pages

    def admit(self, request: Request) -> Response | None:
        """Note whose visit a request is; returns the answer to one that is not let in.

        A host that is not ours is 421, since a stranger's name may lead to this address, too.
        """
        access = self._sessions.access
        if not access.knows_host(request):
            request.state.visit = Visit("", None, "")
            return self._refused(
                request,
                421,
                "The board is not known by this name: ask for it by one of its own, or name this "
                "one with --allow-host.",
            )
        visit = request.state.visit = self._sessions.visit(request)
        if visit.is_new and request.headers.get("sec-fetch-site") == "cross-site":
            # A link from elsewhere brings no strict cookie; the page that opens itself does.
            return self._pages.render(request, "again.html")
        if visit.person or request.url.path.startswith(OPEN_PATHS):
            return None
        if not access.asks_for_key:
            return self._refused(
                request, 403, "Nobody is named by a proxy that this board trusts: come through it."
            )
        if request.method not in ("GET", "HEAD"):
            return self._refused(request, 401, "Log in first.")
        wanted = quote(f"{request.url.path}?{request.url.query}".rstrip("?"))
        return RedirectResponse(f"/login?next={wanted}", 303)

    def leave(self, request: Request, response: Response) -> None:
        """Give a new visit its cookie, if it has seen a page."""
        if "text/html" in response.headers.get("content-type", "") and response.status_code != 421:
            self._sessions.remember(request, response, request.state.visit)

    def _refused(self, request: Request, status: int, words: str) -> Response:
        return self._pages.render(request, "error.html", status, words=words)


def router(sessions: Sessions, pages: "Pages") -> APIRouter:
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
