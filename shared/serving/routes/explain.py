"""`POST /explain`: the answer to a few rows, and how much of it comes from each feature.

It is no prediction: nothing is logged, and the champion alone is asked. Nothing of it is imported
or made before it is asked for.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.types import Receive, Scope, Send
from threadpoolctl import ThreadpoolController

from shared.model import lean_imports
from shared.model.bundle import Bundle
from shared.schema import columns
from shared.serving.batching import Overloaded
from shared.serving.protocols.json_rows import RowReader
from shared.serving.request_rows.reading_thread import ReadingThread
from shared.serving.request_rows.rows import AnswerForm, Values, asked_columns, names
from shared.serving.routes import http
from shared.serving.routes.http import JSON, Reply
from shared.serving.routes.predict import Written, reply_to
from shared.words import number_of

if TYPE_CHECKING:
    from shared.reasons.explanations import Explainer, Explanation

PATH = "/explain"
MOST_ROWS = 10
# A row rests on what is sampled by then.
ROW_SECONDS = 1.0
# One request is explained at a time; so many others wait for their turn, for so long.
MOST_WAITING = 8
WAIT_SECONDS = 2.0


class Explain:
    """An ASGI application that explains a bundle's answers, one request at a time."""

    def __init__(
        self,
        bundle: Bundle,
        form: AnswerForm,
        reading: ReadingThread,
        wait_seconds: float = WAIT_SECONDS,
    ) -> None:
        self._bundle, self._reading, self._wait_seconds = bundle, reading, wait_seconds
        self._answers = [column.name for column in form.columns]
        self._names = names(bundle.contract)
        self._turn, self._waiting = asyncio.Lock(), 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await http.answer(scope, receive, send, self._reply)

    async def _reply(self, scope: Scope, content: bytes) -> Reply:
        return await reply_to(scope, content, [JSON], self._answer)

    async def _answer(self, scope: Scope, content: bytes, kind: bytes) -> Written:
        asked, is_list = await self._reading.read(content, self._reader.read_json)
        async with self._one_at_a_time():
            explained = await asyncio.to_thread(self._explained, asked)
        return msgspec.json.encode(explained if is_list else explained[0]), JSON

    @asynccontextmanager
    async def _one_at_a_time(self) -> AsyncIterator[None]:
        if self._waiting >= MOST_WAITING:
            raise Overloaded(
                f"{number_of(self._waiting, 'request waits', 'requests wait')} to be explained "
                "already"
            )
        self._waiting += 1
        try:
            await asyncio.wait_for(self._turn.acquire(), self._wait_seconds)
        except TimeoutError:
            raise Overloaded("other rows are being explained, one request at a time") from None
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._turn.release()

    @cached_property
    def _reader(self) -> RowReader:
        return RowReader(asked_columns(self._bundle.contract), MOST_ROWS)

    @cached_property
    def _explainer(self) -> "Explainer":
        from shared.reasons.explanations import Explainer

        return Explainer(self._bundle)

    def _explained(self, rows: list[Values]) -> list[dict[str, Any]]:
        """Return what rows are answered, each with its reasons."""
        lean_imports.import_skops()
        bundle = self._bundle
        asked = columns.named(self._names, rows)
        # Of OpenMP's threads, one for a thread of ours: others are answered meanwhile.
        with ThreadpoolController().limit(limits=1, user_api="openmp"):
            found = bundle.answers(bundle.scores(asked), asked)
            answers = {name: found[name].tolist() for name in self._answers}
            explainer, features = self._explainer, bundle.contract.features
            reasons = [
                explainer.explain({n: asked[n][at] for n in features}, seconds=ROW_SECONDS)
                for at in range(len(rows))
            ]
        keys = asked[bundle.contract.key]
        return [
            {
                "key": keys[at],
                **{name: values[at] for name, values in answers.items()},
                "bundle": bundle.digest,
                "reasons": _plain(reasons[at]),
            }
            for at in range(len(rows))
        ]


def _plain(found: "Explanation") -> dict[str, Any]:
    return {
        "of": found.of,
        "base_value": found.base,
        "exact": found.exact,
        "rows": found.rows,
        "contributions": [
            {
                "feature": one.feature,
                "value": one.value,
                "contribution": one.amount,
                "standard_error": one.error,
            }
            for one in found.contributions
        ],
    }
