"""Small bodies are read at once, large ones one after the other in a thread."""

import asyncio
import threading
import time

import pytest

from shared.serving.batching import Overloaded
from shared.serving.protocols.json_rows import QUICK_BYTES
from shared.serving.request_rows.reading_thread import ReadingThread


def where(content: bytes) -> str:
    time.sleep(0.05)
    return threading.current_thread().name


def test_only_a_large_body_is_read_elsewhere() -> None:
    async def both() -> list[str]:
        reading = ReadingThread()
        sizes = (QUICK_BYTES, QUICK_BYTES + 1)
        found = [await reading.read(b"x" * size, where) for size in sizes]
        return [*found, await reading.read(b"", where, quick=-1)]

    here, elsewhere, as_well = asyncio.run(both())
    assert here == threading.current_thread().name
    assert elsewhere.startswith("reading")
    assert as_well.startswith("reading")


def test_one_is_read_at_a_time_and_what_is_too_much_is_refused_at_once() -> None:
    async def many() -> list[object]:
        reading = ReadingThread(most_waiting=2)
        asked = [reading.read(b"", where, quick=-1) for _ in range(3)]
        found = await asyncio.gather(*asked, return_exceptions=True)
        return [*found, await reading.read(b"", where, quick=-1)]

    first, second, third, later = asyncio.run(many())
    assert first == second == later
    assert isinstance(third, Overloaded)


def test_what_a_body_makes_it_raise_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        asyncio.run(ReadingThread().read(b"", lambda content: 1 // len(content), quick=-1))
