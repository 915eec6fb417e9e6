"""`POST /predict` as bytes to bytes: what is between a request and the model is kept short.

FastAPI's own way from a request to a function takes longer than the model does for a row.
"""

import asyncio
from collections.abc import Iterable

import msgspec
from pydantic import ValidationError
from starlette.types import Receive, Scope, Send

from shared.schema.contract import Contract
from shared.serving import http, validation_errors
from shared.serving.batching import Batcher
from shared.serving.http import JSON, Reply
from shared.serving.protocols import columnar
from shared.serving.protocols.json_rows import RowReader
from shared.serving.rows import JsonRow, Values

PATH = "/predict"
KINDS = b", ".join((JSON, *columnar.KINDS)).decode()
# As many rows of a table are answered at once, so that a small request need not wait for all.
SLICE_ROWS = 2_000


class Predict:
    """An ASGI application that answers rows; an answer is in the log before it leaves."""

    def __init__(self, contract: Contract, batcher: Batcher) -> None:
        self.reader = RowReader(contract)
        self._batcher = batcher

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        content = await http.content(receive)
        if content is not None:
            await http.send_reply(send, await self._reply(scope, content))

    async def _reply(self, scope: Scope, content: bytes) -> Reply:
        if scope["method"] != "POST":
            return 405, {"detail": "Method Not Allowed"}, JSON, ((b"allow", b"POST"),)
        content_type = http.header(scope, b"content-type")
        kind = content_type.partition(b";")[0].strip().lower()
        try:
            if kind == JSON:
                return await self._answer(scope, content)
            if kind in columnar.KINDS:
                return await self._answer_table(scope, content, kind)
        except ValidationError as error:
            return 422, validation_errors.errors_body(error.errors(include_url=False)), JSON, ()
        except http.KNOWN as error:
            return _failed(scope, error)
        # A page of another site may make a browser send a text, but none of these.
        problem = f"the content-type must be one of {KINDS}"
        return (
            422,
            validation_errors.body_error(problem, ascii(content_type.decode("latin-1"))),
            JSON,
            (),
        )

    async def _answer(self, scope: Scope, content: bytes) -> Reply:
        asked, is_list = self.reader.read_json(content)
        answers = await self._batcher.ask(asked)
        http.answered(scope, answers)
        return 200, msgspec.json.encode(answers if is_list else answers[0]), JSON, ()

    async def _answer_table(self, scope: Scope, content: bytes, kind: bytes) -> Reply:
        table = await asyncio.to_thread(columnar.read_table, content, kind)
        asked, wrong = await self._checked(columnar.slices(table, SLICE_ROWS))
        if wrong:
            return 422, {"detail": wrong[: validation_errors.MAX_ERRORS]}, JSON, ()
        answers = [answer for part in asked for answer in await self._batcher.ask(part)]
        http.answered(scope, answers)
        wanted = columnar.answer_kind(http.header(scope, b"accept"), kind)
        if wanted == JSON:
            return 200, msgspec.json.encode(answers), JSON, ()
        return 200, await asyncio.to_thread(columnar.write_table, answers, wanted), wanted, ()

    async def _checked(
        self, parts: Iterable[list[JsonRow]]
    ) -> tuple[list[list[Values]], list[JsonRow]]:
        """Return the rows as they are to be answered, and the errors in them."""
        checked: list[list[Values]] = []
        wrong: list[JsonRow] = []
        for at, part in enumerate(parts):
            try:
                checked.append(self.reader.read_values(part))
            except ValidationError as error:
                wrong += validation_errors.errors_body(
                    error.errors(include_url=False), at * SLICE_ROWS
                )["detail"]
            await asyncio.sleep(0)
        return checked, wrong


def _failed(scope: Scope, error: Exception) -> Reply:
    failure = http.failure(scope, error)
    given = (
        {"detail": failure.words} if failure.again else validation_errors.body_error(failure.words)
    )
    return failure.status, given, JSON, failure.headers
