"""A thread that reads large bodies, one after the other: together they take the memory of one."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from shared.serving.batching import Overloaded
from shared.serving.protocols.json_rows import QUICK_BYTES

Read = TypeVar("Read")
MOST_WAITING = 32


class ReadingThread:
    """Reads small bodies at once, where the requests are, and large ones in their turn."""

    def __init__(self, most_waiting: int = MOST_WAITING) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="reading")
        self._most, self._waiting = most_waiting, 0

    async def read(
        self, content: bytes, work: Callable[[bytes], Read], *, quick: int = QUICK_BYTES
    ) -> Read:
        """Return what `work` makes of a body; raises `Overloaded` at once when many wait."""
        if len(content) <= quick:
            return work(content)
        if self._waiting >= self._most:
            raise Overloaded(f"{self._waiting} large requests wait to be read already")
        self._waiting += 1
        reading = asyncio.get_running_loop().run_in_executor(self._thread, work, content)
        reading.add_done_callback(self._is_done)
        try:
            return await reading
        finally:
            # An error would hold this frame, and with it the body, until the next collection.
            del reading

    def _is_done(self, reading: object) -> None:
        self._waiting -= 1
