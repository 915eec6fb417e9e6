"""`POST /predict` as bytes to bytes: what is between a request and the model is kept short.

FastAPI's own way from a request to a function takes longer than the model does for a row.
"""

from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json
from starlette.types import Receive, Scope, Send

from shared.data.contract import Contract
from shared.data.database import LogUnavailable
from shared.errors import Refusal
from shared.serving import mistakes, rows
from shared.serving.batching import Batcher, Late, Overloaded
from shared.serving.rows import Answer

PATH = "/predict"
ANSWERED = tuple(Answer.model_fields)
NOT_JSON = "the content-type must be application/json"
AWAY = "the prediction log is away, so nothing is answered"
Reply = tuple[int, Any, tuple[tuple[bytes, bytes], ...]]


class Predict:
    """An ASGI application that answers rows; an answer is in the log before it leaves."""

    def __init__(self, contract: Contract, batcher: Batcher) -> None:
        self.body: TypeAdapter[Any] = TypeAdapter(rows.prediction_rows(contract))
        self._batcher = batcher

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        content = await _content(receive)
        if content is None:
            return
        status, given, extra = await self._reply(scope, content)
        body = to_json(given)
        size = (b"content-length", str(len(body)).encode())
        headers = [(b"content-type", b"application/json"), size, *extra]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _reply(self, scope: Scope, content: bytes) -> Reply:
        if scope["method"] != "POST":
            return 405, {"detail": "Method Not Allowed"}, ((b"allow", b"POST"),)
        kind = _kind(scope)
        # A page of another site may make a browser send a text, but not JSON.
        if kind.partition(b";")[0].strip().lower() != b"application/json":
            return 422, mistakes.of_body(NOT_JSON, ascii(kind.decode("latin-1"))), ()
        return await self._answer(scope, content)

    async def _answer(self, scope: Scope, content: bytes) -> Reply:
        try:
            asked = self.body.validate_json(content)
            logged = await self._batcher.ask(rows.listed(asked))
        except ValidationError as error:
            return 422, mistakes.told(error.errors(include_url=False)), ()
        except Refusal as refusal:
            return 422, mistakes.of_body(str(refusal)), ()
        except Overloaded as error:
            scope["state"]["error"] = "deadline" if isinstance(error, Late) else "refused"
            return 503, {"detail": str(error)}, ((b"retry-after", b"1"),)
        except LogUnavailable as error:
            return 503, {"detail": f"{AWAY}: {error}"}, ((b"retry-after", b"5"),)
        if logged:
            scope["state"] |= {"rows": len(logged), "prediction_id": logged[0]["prediction_id"]}
        answers = [{name: row[name] for name in ANSWERED} for row in logged]
        return 200, answers if isinstance(asked, list) else answers[0], ()


def _kind(scope: Scope) -> bytes:
    return next((value for name, value in scope["headers"] if name == b"content-type"), b"")


async def _content(receive: Receive) -> bytes | None:
    """Return the body; None when the client is gone."""
    parts = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)
