"""Ahead: what is needed next is made meanwhile, in order, and not too much of it."""

import time
from collections.abc import Iterator

import pytest

from shared.errors import Refusal
from shared.tables.prefetch import ahead, by_several


def test_what_is_made_ahead_comes_in_order_and_raises_where_it_is_taken() -> None:
    def made() -> Iterator[int]:
        yield from range(5)
        raise Refusal("no more")

    taken = []
    with pytest.raises(Refusal, match="no more"):
        taken.extend(ahead(made()))
    assert list(ahead(iter(range(100)))) == list(range(100))


def test_what_several_make_comes_in_order_however_long_each_takes() -> None:
    begun, prepared = list[int](), list[int]()

    def items() -> Iterator[int]:
        for item in range(20):
            begun.append(item)
            yield item

    def made(item: int) -> int:
        time.sleep(0.01 * (item % 3 == 0))
        return item * item

    squares = by_several(made, items(), 3, lambda: prepared.append(1))
    assert next(squares) == 0
    assert len(begun) <= 5
    assert list(squares) == [item * item for item in range(1, 20)]
    assert 1 <= len(prepared) <= 3
    with pytest.raises(ZeroDivisionError):
        list(by_several(lambda item: 1 // (5 - item), iter(range(20)), 3))
