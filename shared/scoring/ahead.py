"""Work done ahead of who needs it, in a thread of its own, and no further than it should."""

import queue
import threading
from collections.abc import Iterator
from typing import TypeVar

Item = TypeVar("Item")
_END = object()


def ahead(items: Iterator[Item], most: int = 1) -> Iterator[Item]:
    """Yield items that a thread makes meanwhile, holding at most so many that are not taken yet.

    What is raised in making them is raised here.
    """
    made: queue.Queue[object] = queue.Queue(most)
    stop = threading.Event()
    raised: list[BaseException] = []

    def make() -> None:
        try:
            for item in items:
                if not _put(made, item, stop):
                    return
        except BaseException as error:
            raised.append(error)
        _put(made, _END, stop)

    thread = threading.Thread(target=make, daemon=True)
    thread.start()
    try:
        while (item := made.get()) is not _END:
            yield item  # type: ignore[misc]
    finally:
        stop.set()
        thread.join()
    if raised:
        raise raised[0]


def _put(made: "queue.Queue[object]", item: object, stop: threading.Event) -> bool:
    """Wait until there is room; False when nobody takes anything any more."""
    while not stop.is_set():
        try:
            made.put(item, timeout=0.1)
            return True
        except queue.Full:
            continue
    return False
