"""Requests that came while others were answered are answered together.

One call of the model and one commit of the log serve them all. Nothing waits for company: a request
that finds the server idle is answered at once, alone.
"""

import asyncio
import collections
import itertools
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from shared.log.database import LogUnavailable
from shared.schema import columns
from shared.schema.columns import Columns
from shared.serving.observability.spans import Spans
from shared.serving.request_rows.rows import Values
from shared.words import number_of

ScoredBatch = Columns | Exception
Outcome = list[Any] | Exception
# Given how many rows waited when a batch began, and how many are in it.
OnBatch = Callable[[int, int], None]

# Of a large request as many rows are answered at once, so that a small one need not wait for all.
PART_ROWS = 2_000
DEADLINE_SECONDS = 20.0
# How often in that time it is looked for those who have waited so long.
LOOKS = 20
# A model that is quicker is called where the requests are: to hand it over would take longer.
QUICK_SECONDS = 0.01
# So quick a write into a file is made there as well, for a request that is alone.
SWIFT_SECONDS = 0.002


class Room(NamedTuple):
    """How many rows are answered at once, wait for it, and are scored where the requests are.

    So many batches are `under_way` at once: with two, one is scored while another is written.
    """

    batch: int = 4_096
    queue: int = 20_000
    quick: int = 512
    under_way: int = 1


class Overloaded(Exception):  # noqa: N818  (the server is well, but busy)
    """More waits than can be answered in time; asked again later, it may be answered."""


class DeadlinePassed(Overloaded):
    """The deadline has passed."""


@dataclass(slots=True, eq=False)
class _Request:
    rows: list[Values]
    answer: Callable[[Outcome], None]
    # In the event loop's time.
    began: float
    # Where it belongs in a trace, if there are any.
    trace: Any = None


class Batcher:
    """Has as many rows answered at once as are waiting.

    `score` is given rows by their `names`, and returns as many, in order; `write` takes what it
    made, and returns when it is durable; `answers` makes of it what each row is answered. One batch
    is written at a time; the next one gathers meanwhile. `on_batch` is given how many rows
    waited when a batch began, and how many are in it; `spans` record it when it has ended. `near`
    says that what is written goes into a file here, not over a network; `room` is for how many.
    """

    def __init__(
        self,
        names: Sequence[str],
        score: Callable[[Columns], Columns],
        write: Callable[[Columns], None],
        answers: Callable[[Columns], list[Any]],
        on_batch: OnBatch = lambda waited, rows: None,
        spans: Spans | None = None,
        *,
        near: bool = False,
        room: Room = Room(),  # noqa: B008  (nobody changes it)
    ) -> None:
        self._names = names
        self._score = score
        self._write = write
        self._answers = answers
        self._on_batch = on_batch
        self._spans = spans
        self._room = room
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="answers")
        self._queue: collections.deque[_Request] = collections.deque()
        # In the order in which they came.
        self._unanswered: dict[_Request, None] = {}
        self._timer: asyncio.TimerHandle | None = None
        # Rows that wait for their turn.
        self.waiting = 0
        self._busy, self._under_way = False, 0
        self._quick, self._near, self._swift = True, near, False

    def begin(self, rows: list[Values], answer: Callable[[Outcome], None]) -> Callable[[], None]:
        """Have rows answered later: `answer` is given the answers once they are logged, or why not.

        That is what `score` and `write` raise, or `DeadlinePassed`; it must raise nothing itself.
        Raises `Overloaded` at once when the queue is full. What is returned withdraws the request.
        """
        if self.waiting and self.waiting + len(rows) > self._room.queue:
            raise Overloaded(f"{number_of(self.waiting, 'row is', 'rows are')} waiting already")
        loop = asyncio.get_running_loop()
        trace = self._spans.now() if self._spans else None
        asked = _Request(rows, answer, loop.time(), trace)
        self._unanswered[asked] = None
        self._queue.append(asked)
        self.waiting += len(rows)
        if not self._busy:
            # Soon, not now: what has arrived at the same moment is answered along with it.
            self._busy = True
            loop.call_soon(self._next)
        if self._timer is None:
            self._timer = loop.call_later(DEADLINE_SECONDS / LOOKS, self._look, loop)
        return partial(self._unanswered.pop, asked, None)

    async def ask(self, rows: list[Values]) -> list[Any]:
        """Return the answers to rows once they are logged; raises what `begin` gives and raises."""
        answered: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()
        withdraw = self.begin(rows, partial(_settle, answered))
        try:
            return await answered
        finally:
            withdraw()

    async def ask_in_parts(self, rows: list[Values]) -> list[Any]:
        """Return the answers to any number of rows; others are answered in between."""
        if len(rows) <= PART_ROWS:
            return await self.ask(rows)
        parts = [rows[at : at + PART_ROWS] for at in range(0, len(rows), PART_ROWS)]
        return [answer for part in parts for answer in await self.ask(part)]

    def close(self) -> None:
        """Let the thread end when what is on its way is done."""
        self._thread.shutdown(wait=False)

    def _next(self) -> None:
        if self._under_way == self._room.under_way:
            # As soon as one has ended.
            return
        waited = self.waiting
        batch = self._take()
        self._busy = bool(batch)
        if not batch:
            return
        rows = [row for asked in batch for row in asked.rows]
        self._on_batch(waited, len(rows))
        began = time.time_ns() if self._spans else 0
        here = self._quick and len(rows) <= self._room.quick
        scored = self._scored(rows) if here else None
        loop = asyncio.get_running_loop()
        if scored and self._swift and len(batch) == 1 and not self._under_way:
            self._hand_out(batch, began, self._work(batch, scored))
            loop.call_soon(self._next)
        else:
            self._under_way += 1
            working = loop.run_in_executor(self._thread, self._work, batch, scored)
            working.add_done_callback(partial(self._is_worked, batch, began))
            if self._under_way < self._room.under_way:
                loop.call_soon(self._next)

    def _take(self) -> list[_Request]:
        """Take what waits, as far as it goes into one batch; what nobody waits for is left out."""
        batch: list[_Request] = []
        size = 0
        while self._queue and (not batch or size + len(self._queue[0].rows) <= self._room.batch):
            asked = self._queue.popleft()
            self.waiting -= len(asked.rows)
            if asked in self._unanswered:
                batch.append(asked)
                size += len(asked.rows)
        return batch

    def _scored(self, rows: list[Values]) -> ScoredBatch:
        began = time.thread_time()
        try:
            return self._score(columns.named(self._names, rows))
        except Exception as error:
            return error
        finally:
            self._quick = time.thread_time() - began < QUICK_SECONDS

    def _work(self, batch: list[_Request], scored: ScoredBatch | None = None) -> list[Outcome]:
        """Answer a batch; if one request spoils it, each alone, so that only that one fails."""
        made = scored or self._scored([row for asked in batch for row in asked.rows])
        try:
            if isinstance(made, Exception):
                raise made
            self._write_timed(made)
        except Exception as error:
            if len(batch) == 1 or type(error) is LogUnavailable:
                return [error] * len(batch)
            return [outcome for asked in batch for outcome in self._work([asked])]
        answered = iter(self._answers(made))
        return [list(itertools.islice(answered, len(asked.rows))) for asked in batch]

    def _write_timed(self, made: Columns) -> None:
        began, swift = time.perf_counter(), False
        try:
            self._write(made)
            swift = self._near and time.perf_counter() - began < SWIFT_SECONDS
        finally:
            self._swift = swift

    def _is_worked(
        self, batch: list[_Request], began: int, done: asyncio.Future[list[Outcome]]
    ) -> None:
        # Soon, not now: who has an answer and asks again at once is in the next batch. Fewer and
        # larger ones, for which each write costs the same, take less than to write meanwhile saves.
        self._under_way -= 1
        asyncio.get_running_loop().call_soon(self._next)
        self._hand_out(batch, began, done.result())

    def _hand_out(self, batch: list[_Request], began: int, outcomes: list[Outcome]) -> None:
        if self._spans:
            failed = sum(isinstance(outcome, Exception) for outcome in outcomes)
            rows = sum(len(asked.rows) for asked in batch)
            self._spans.batch(began, rows, [asked.trace for asked in batch], failed=failed)
        for asked, outcome in zip(batch, outcomes, strict=True):
            self._give(asked, outcome)

    def _give(self, asked: _Request, outcome: Outcome) -> None:
        if asked in self._unanswered:
            del self._unanswered[asked]
            asked.answer(outcome)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """Answer those whose deadline has passed; one timer is for all of them."""
        late = loop.time() - DEADLINE_SECONDS
        for asked in [one for one in self._unanswered if one.began <= late]:
            self._give(asked, DeadlinePassed(f"not answered within {DEADLINE_SECONDS:g} s"))
        again = bool(self._unanswered)
        self._timer = loop.call_later(DEADLINE_SECONDS / LOOKS, self._look, loop) if again else None


def _settle(answered: asyncio.Future[list[Any]], outcome: Outcome) -> None:
    if answered.done():
        return
    if isinstance(outcome, Exception):
        answered.set_exception(outcome)
    else:
        answered.set_result(outcome)
