"""A board of runs by hand, and requests of its pages."""

from starlette.requests import Request
from starlette.testclient import TestClient

from shared.board import app
from shared.board.access.sessions import Visit
from shared.board.board import Board
from shared.runs.records import Record
from tests.runs.runs import ListedRuns


def client(*history: Record) -> TestClient:
    """Return a browser, nearly, at a board of these runs."""
    return TestClient(app.create(Board("user.ada", ListedRuns(*history))))


def request(path: str) -> Request:
    """Return a request of a page by nobody, as a server has it."""
    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": []}
    state = {"visit": Visit("1", None, "token")}
    return Request(scope | {"scheme": "http", "server": ("board", 80), "state": state})
