"""Work done ahead of who needs it, in threads of its own, and no further than it should."""

from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Made = TypeVar("Made")
_END = object()


def ahead(items: Iterator[Item]) -> Generator[Item, None, None]:
    """Yield items of which a thread makes the next two meanwhile.

    What is raised in making them is raised here.
    """
    with ThreadPoolExecutor(1) as pool:
        making = deque(pool.submit(next, items, _END) for _ in range(2))
        while (item := making.popleft().result()) is not _END:
            making.append(pool.submit(next, items, _END))
            yield item  # type: ignore[misc]


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
