"""`POST /predict` as bytes to bytes: what is between a request and the model is kept short.

FastAPI's own way from a request to a function takes longer than the model does for a row.
"""

import asyncio

import msgspec
from starlette.types import Receive, Scope, Send

from shared.schema.contract import Contract
from shared.serving import http
from shared.serving.batching import Batcher
from shared.serving.http import JSON, Reply
from shared.serving.protocols import columnar
from shared.serving.protocols.json_rows import RowReader
from shared.serving.rows import AnswerForm, Values, asked_columns
from shared.serving.validation_errors import InvalidRows, body_error

PATH = "/predict"
KINDS = (JSON, *columnar.KINDS)
# As many rows of a table are answered at once, so that a small request need not wait for all.
SLICE_ROWS = 2_000


class Predict:
    """An ASGI application that answers rows; an answer is in the log before it leaves."""

    def __init__(self, contract: Contract, batcher: Batcher, form: AnswerForm) -> None:
        self.reader = RowReader(asked_columns(contract))
        self._batcher, self._names = batcher, form.names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        content = await http.content(receive)
        if content is not None:
            await http.send_reply(send, await self._reply(scope, content))

    async def _reply(self, scope: Scope, content: bytes) -> Reply:
        if scope["method"] != "POST":
            return 405, {"detail": "Method Not Allowed"}, JSON, ((b"allow", b"POST"),)
        kind = http.media_type(scope)
        try:
            if kind == JSON:
                return await self._answer(scope, content)
            if kind in columnar.KINDS:
                return await self._answer_table(scope, content, kind)
            raise http.other_media_type(scope, KINDS)
        except InvalidRows as error:
            return 422, error.body, JSON, ()
        except http.KNOWN as error:
            return _failed(scope, error)

    async def _answer(self, scope: Scope, content: bytes) -> Reply:
        asked, is_list = self.reader.read_json(content)
        answers = await self._batcher.ask(asked)
        http.answered(scope, answers)
        return 200, msgspec.json.encode(answers if is_list else answers[0]), JSON, ()

    async def _answer_table(self, scope: Scope, content: bytes, kind: bytes) -> Reply:
        rows = await asyncio.to_thread(self._rows_of_table, content, kind)
        parts = [rows[at : at + SLICE_ROWS] for at in range(0, len(rows), SLICE_ROWS)]
        answers = [answer for part in parts for answer in await self._batcher.ask(part)]
        http.answered(scope, answers)
        wanted = columnar.answer_kind(http.header(scope, b"accept"), kind)
        if wanted == JSON:
            return 200, msgspec.json.encode(answers), JSON, ()
        written = await asyncio.to_thread(columnar.write_table, answers, self._names, wanted)
        return 200, written, wanted, ()

    def _rows_of_table(self, content: bytes, kind: bytes) -> list[Values]:
        return self.reader.read_table(columnar.read_table(content, kind))


def _failed(scope: Scope, error: Exception) -> Reply:
    failure = http.failure(scope, error)
    given = {"detail": failure.words} if failure.again else body_error(failure.words).body
    return failure.status, given, JSON, failure.headers
