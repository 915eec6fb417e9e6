"""Work done ahead of who needs it, in threads of its own, and no further than it should."""

import queue
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Made = TypeVar("Made")
_END = object()


def ahead(items: Iterator[Item], most: int = 1) -> Generator[Item, None, None]:
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


def by_several(
    make: Callable[[Item], Made],
    items: Iterator[Item],
    workers: int,
    prepare: Callable[[], object] = lambda: None,
) -> Generator[Made, None, None]:
    """Yield what several threads make of items, in the items' order, holding one each and one more.

    Each thread calls `prepare` before its first item. What is raised in making is raised here.
    """
    with ThreadPoolExecutor(workers, initializer=prepare) as pool:
        making: deque[Future[Made]] = deque()
        for item in items:
            making.append(pool.submit(make, item))
            if len(making) > workers:
                yield making.popleft().result()
        while making:
            yield making.popleft().result()


def _put(made: "queue.Queue[object]", item: object, stop: threading.Event) -> bool:
    """Wait until there is room; False when nobody takes anything any more."""
    while not stop.is_set():
        try:
            made.put(item, timeout=0.1)
            return True
        except queue.Full:
            continue
    return False
