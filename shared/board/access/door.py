"""The door: nobody sees a page whom the board does not know."""

from urllib.parse import quote

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from shared.board.access.sessions import Sessions, Visit
from shared.board.rendering import Pages

OPEN_PATHS = ("/login", "/static/")


class Door:
    """Lets in whom the board knows, each request anew."""

    def __init__(self, sessions: Sessions, pages: Pages) -> None:
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
