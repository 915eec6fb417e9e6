"""What is answered without an application's layers: plain requests, which most are.

One for a few rows, or for a slate, in JSON that came in one piece, with a key where one is needed,
is read and handed to those who answer batches; its answer goes straight to its connection. Whatever
else it may be is left to the application, and so is every mistake in it.
"""

import time
from collections.abc import Callable
from functools import partial

from pydantic_core import to_json
from starlette.requests import Request
from starlette.types import Scope

from shared.serving.batching import PART_ROWS, Outcome
from shared.serving.deployment import Deployment
from shared.serving.protocols.json_rows import QUICK_BYTES
from shared.serving.routes import http, predict, recommend
from shared.serving.routes.http import JSON, Headers
from shared.serving.routes.predict import WriteAnswers
from shared.serving.security import access, failures
from shared.serving.security.guard import Guard

# By how a request has them.
PATHS = {path.encode(): path for path in (predict.PATH, recommend.PATH)}
# Given a status, a body of JSON, and further headers.
SendAnswer = Callable[[int, bytes, Headers], None]


class DirectAnswers:
    """Answers plain requests by `POST` to `PATHS` for whatever is served at the moment."""

    def __init__(self, deployment: Deployment, guard: Guard) -> None:
        self._deployment, self._keys = deployment, guard.keys
        self._telemetry = deployment.telemetry
        self._most = min(guard.most_bytes, QUICK_BYTES)

    def begin(self, scope: Scope, body: bytes, send: SendAnswer) -> bool:
        """Begin to answer a request, later by `send`; False where the application is to do it."""
        began = time.perf_counter()
        if len(body) > self._most or http.media_type(scope) != JSON or self._telemetry.spans:
            return False
        if self._keys and not access.is_allowed(scope, self._keys):
            return False
        answering = self._deployment.now.app.plain.get(scope["path"])
        if answering is None:
            return False
        try:
            rows, write = answering.read_plain(body)
            if len(rows) > PART_ROWS:
                return False
            added = self._telemetry.begin(scope)
            answer = partial(self._answer, scope, send, added, began, write)
            answering.batcher.begin(rows, answer)
        except Exception:
            # The application says what is wrong.
            return False
        return True

    def _answer(
        self,
        scope: Scope,
        send: SendAnswer,
        added: Headers,
        began: float,
        write: WriteAnswers,
        outcome: Outcome,
    ) -> None:
        try:
            if isinstance(outcome, Exception):
                status, body, more = _failed(scope, outcome)
            else:
                status, body, more = 200, write(scope, outcome), ()
        except Exception as error:
            status, body, more = _failed(scope, error)
        send(status, body, (*more, *added))
        self._telemetry.count_soon(scope, status, time.perf_counter() - began)


def _failed(scope: Scope, error: Exception) -> tuple[int, bytes, Headers]:
    if not isinstance(error, http.KNOWN):
        failures.report(scope, error)
        return 500, bytes(failures.answer(Request(scope), error).body), ()
    status, given, _, more = predict.failed(scope, error)
    return status, to_json(given), more
