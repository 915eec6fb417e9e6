"""`POST /predict` as bytes to bytes: what is between a request and the model is kept short.

FastAPI's own way from a request to a function takes longer than the model does for a row.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

import msgspec
from starlette.types import Receive, Scope, Send

from shared.schema.contract import Contract
from shared.sections.operation import Serve
from shared.serving.batching import PART_ROWS, Batcher
from shared.serving.protocols import columnar
from shared.serving.protocols.json_rows import RowReader
from shared.serving.protocols.table_rows import TableReader
from shared.serving.request_rows.reading import rows_of
from shared.serving.request_rows.reading_thread import ReadingThread
from shared.serving.request_rows.rows import AnswerForm, Values, asked_columns
from shared.serving.request_rows.validation_errors import InvalidRows, body_error
from shared.serving.routes import http, methods
from shared.serving.routes.http import JSON, Reply

PATH = "/predict"
KINDS = (JSON, *columnar.KINDS)
# Notes in a request's scope what it was answered, and returns the body.
WriteAnswers = Callable[[Scope, list[Any]], bytes]
# A body and its media type.
Written = tuple[bytes, bytes]


class Predict:
    """An ASGI application that answers rows; an answer is in the log before it leaves."""

    def __init__(
        self,
        contract: Contract,
        batcher: Batcher,
        form: AnswerForm,
        reading: ReadingThread,
        limits: Serve,
    ) -> None:
        columns = asked_columns(contract)
        self.reader = RowReader(columns, limits.json_rows)
        self._tables = TableReader(columns, limits.table_rows)
        self.batcher = batcher
        self._names, self._reading = form.names, reading

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await http.answer(scope, receive, send, self._reply)

    def read_plain(self, content: bytes) -> tuple[list[Values], WriteAnswers]:
        """Return the rows of a small body of JSON, and what writes their answers."""
        asked, is_list = self.reader.read_json(content)
        return asked, _write_list if is_list else _write_one

    async def _reply(self, scope: Scope, content: bytes) -> Reply:
        return await reply_to(scope, content, KINDS, self._answer)

    async def _answer(self, scope: Scope, content: bytes, kind: bytes) -> Written:
        if kind != JSON:
            return await self._answer_table(scope, content, kind)
        asked, write = await self._reading.read(content, self.read_plain)
        answers = await self.batcher.ask_in_parts(asked)
        if len(answers) > PART_ROWS:
            http.answered(scope, answers)
            return await asyncio.to_thread(columnar.write_json, answers), JSON
        return write(scope, answers), JSON

    async def _answer_table(self, scope: Scope, content: bytes, kind: bytes) -> Written:
        read = partial(self._tables.read, kind=kind)
        answers: list[Any] = []
        for part in await self._reading.read(content, read, quick=-1):
            rows = await asyncio.to_thread(rows_of, part)
            answers += await self.batcher.ask_in_parts(rows)
        http.answered(scope, answers)
        wanted = columnar.answer_kind(http.header(scope, b"accept"), kind)
        write = partial(columnar.write_answers, names=self._names, kind=wanted)
        return await asyncio.to_thread(write, answers), wanted


def _write_list(scope: Scope, answers: list[Any]) -> bytes:
    http.answered(scope, answers)
    return msgspec.json.encode(answers)


def _write_one(scope: Scope, answers: list[Any]) -> bytes:
    http.answered(scope, answers)
    return msgspec.json.encode(answers[0])


async def reply_to(
    scope: Scope,
    content: bytes,
    taken: Sequence[bytes],
    answer: Callable[[Scope, bytes, bytes], Awaitable[Written]],
) -> Reply:
    """Return what a route answers to a body of a media type that it takes, or why it does not.

    `answer` is given the body and its media type.
    """
    if scope["method"] != "POST":
        return methods.not_allowed(scope, ("POST",))
    kind = http.media_type(scope)
    try:
        if kind not in taken:
            raise http.other_media_type(scope, taken)
        body, wanted = await answer(scope, content, kind)
        return 200, body, wanted, ()
    except InvalidRows as error:
        return 422, http.refused(scope, error), JSON, ()
    except http.KNOWN as error:
        return failed(scope, error)


def failed(scope: Scope, error: Exception) -> Reply:
    """Return the reply to rows that are not answered, for an error that is one of `http.KNOWN`."""
    failure = http.failure(scope, error)
    given = {"detail": failure.words} if failure.again else body_error(failure.words).body
    return failure.status, given, JSON, failure.headers
