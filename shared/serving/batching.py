"""Requests that came while others were answered are answered together.

One call of the model and one commit of the log serve them all. Nothing waits for company: a request
that finds the server idle is answered at once, alone.
"""

import asyncio
import collections
import itertools
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from shared.data.prediction_log import LogUnavailable

Row = dict[str, Any]
Answer = Callable[[Sequence[Row]], Sequence[Row]]
Outcome = Sequence[Row] | Exception

MOST_AT_ONCE = 4_096
MOST_WAITING = 20_000
DEADLINE_SECONDS = 20.0


class Overloaded(Exception):  # noqa: N818  (the server is well, but busy)
    """More waits than can be answered in time; asked again later, it may be answered."""


@dataclass(frozen=True)
class _Asked:
    rows: Sequence[Row]
    answered: asyncio.Future[Sequence[Row]]


class Batcher:
    """Hands rows to one function in one thread, as many at once as are waiting.

    `answer` returns a row for each row that it is given, in order.
    """

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="model")
        self._queue: collections.deque[_Asked] = collections.deque()
        self._waiting = 0
        self._busy = False

    @property
    def waiting(self) -> int:
        """How many rows wait for their turn."""
        return self._waiting

    async def ask(self, rows: Sequence[Row]) -> Sequence[Row]:
        """Return the rows' answers; raises what `answer` raises.

        Raises `Overloaded` at once when the queue is full, and when the deadline has passed.
        """
        if self._waiting and self._waiting + len(rows) > MOST_WAITING:
            raise Overloaded(f"{self._waiting:,} rows are waiting already")
        asked = _Asked(rows, asyncio.get_running_loop().create_future())
        self._queue.append(asked)
        self._waiting += len(rows)
        if not self._busy:
            self._next()
        try:
            async with asyncio.timeout(DEADLINE_SECONDS):
                return await asked.answered
        except TimeoutError:
            raise Overloaded(f"not answered within {DEADLINE_SECONDS:g} s") from None

    def _next(self) -> None:
        batch = self._take()
        self._busy = bool(batch)
        if batch:
            working = asyncio.get_running_loop().run_in_executor(self._thread, self._work, batch)
            working.add_done_callback(lambda done: self._hand_out(batch, done))

    def _take(self) -> list[_Asked]:
        """Take what waits, as far as it goes into one batch; what nobody waits for is left out."""
        batch: list[_Asked] = []
        size = 0
        while self._queue and (not batch or size + len(self._queue[0].rows) <= MOST_AT_ONCE):
            asked = self._queue.popleft()
            self._waiting -= len(asked.rows)
            if not asked.answered.done():
                batch.append(asked)
                size += len(asked.rows)
        return batch

    def _work(self, batch: list[_Asked]) -> list[Outcome]:
        """Answer a batch; if one request spoils it, each alone, so that only that one fails."""
        try:
            answered = iter(self._answer([row for asked in batch for row in asked.rows]))
            return [list(itertools.islice(answered, len(asked.rows))) for asked in batch]
        except Exception as error:
            if len(batch) == 1 or type(error) is LogUnavailable:
                return [error] * len(batch)
            return [outcome for asked in batch for outcome in self._work([asked])]

    def _hand_out(self, batch: list[_Asked], done: asyncio.Future[list[Outcome]]) -> None:
        self._next()
        for asked, outcome in zip(batch, done.result(), strict=True):
            if asked.answered.done():
                continue
            if isinstance(outcome, Exception):
                asked.answered.set_exception(outcome)
            else:
                asked.answered.set_result(outcome)
