"""A time within which something must be done, at next to no cost where it is done in time."""

import asyncio
from types import TracebackType


class Deadlines:
    """Raises `TimeoutError` in a `with` block that takes longer than so many seconds, or a bit.

    One timer serves all blocks: a timer for each takes longer than most of what is timed.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._pause = min(1.0, seconds / 4)
        self._begun: dict[asyncio.Task[object], float] = {}
        self._late: set[asyncio.Task[object]] = set()
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> None:
        task, loop = asyncio.current_task(), asyncio.get_running_loop()
        assert task
        self._begun[task] = loop.time()
        if self._timer is None:
            self._timer = loop.call_later(self._pause, self._look, loop)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        task = asyncio.current_task()
        assert task
        self._begun.pop(task, None)
        if task in self._late:
            self._late.discard(task)
            if task.uncancel() == 0 and kind is asyncio.CancelledError:
                raise TimeoutError from error

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = None
        now = loop.time()
        for task in [t for t, begun in self._begun.items() if now - begun >= self._seconds]:
            del self._begun[task]
            self._late.add(task)
            task.cancel()
        if self._begun:
            self._timer = loop.call_later(self._pause, self._look, loop)
