"""`POST /recommend`: a slate of the best candidates, each in the log before the answer leaves."""

import itertools
from collections.abc import Callable
from typing import Any

import msgspec
from starlette.types import Receive, Scope, Send

from shared.schema.columns import Columns
from shared.serving.batching import Batcher, Room
from shared.serving.observability.spans import Spans
from shared.serving.request_rows.reading_thread import ReadingThread
from shared.serving.request_rows.rows import Values
from shared.serving.routes import http
from shared.serving.routes.http import JSON, Reply
from shared.serving.routes.predict import WriteAnswers, Written, reply_to
from shared.serving.routes.slate_request import REQUESTS, SlateReader

PATH = "/recommend"
# Each is of many candidates: to choose among them takes as long as to write what was chosen.
ROOM = Room(batch=64, queue=1_000, quick=16, under_way=2)


class ShownItem(msgspec.Struct, gc=False):
    """An item of a slate; its outcome arrives by its key."""

    item: Any
    position: int
    score: float
    propensity: float
    key: str
    prediction_id: str


class Slate(msgspec.Struct, gc=False):
    """What is shown together, how it was chosen, and of how many."""

    slate: str
    policy: str
    candidates: int
    bundle: str
    items: list[ShownItem]


class Recommend:
    """An ASGI application that answers requests for slates.

    `score` makes of requests what is logged of their slates, `write` returns when that is durable.
    """

    def __init__(
        self,
        reader: SlateReader,
        score: Callable[[Columns], Columns],
        write: Callable[[Columns], None],
        on_batch: Callable[[int, int], None] = lambda waited, rows: None,
        spans: Spans | None = None,
    ) -> None:
        self.reader = reader
        watching = on_batch, spans
        self.batcher = Batcher([REQUESTS], score, write, self._slates, *watching, room=ROOM)
        self.reading = ReadingThread()

    def read_plain(self, content: bytes) -> tuple[list[Values], WriteAnswers]:
        """Return the request in a small body, as the only row, and what writes its slate."""
        return [(self.reader.read(content),)], _write_slate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await http.answer(scope, receive, send, self._reply)

    async def _reply(self, scope: Scope, content: bytes) -> Reply:
        return await reply_to(scope, content, [JSON], self._answer)

    async def _answer(self, scope: Scope, content: bytes, kind: bytes) -> Written:
        asked, write = await self.reading.read(content, self.read_plain)
        return write(scope, await self.batcher.ask(asked)), JSON

    def _slates(self, logged: Columns) -> list[Slate]:
        """Return what each request is answered, of rows that stand slate by slate."""
        names = ("position", "probability", "propensity", "key", "prediction_id")
        shown = map(ShownItem, logged[self.reader.item], *(logged[name] for name in names))
        starts = [at for at, position in enumerate(logged["position"]) if position == 1]
        ends = [*starts[1:], len(logged["position"])]
        return [
            Slate(
                slate=logged["slate"][at],
                policy=logged["policy"][at],
                candidates=logged["candidates"][at],
                bundle=logged["bundle"][at],
                items=list(itertools.islice(shown, end - at)),
            )
            for at, end in zip(starts, ends, strict=True)
        ]


def _write_slate(scope: Scope, slates: list[Slate]) -> bytes:
    (slate,) = slates
    http.answered(scope, slate.items)
    return msgspec.json.encode(slate)
