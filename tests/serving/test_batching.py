"""Requests that came while others were answered are answered together."""

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from shared.log.database import LogUnavailable
from shared.schema.columns import Columns
from shared.serving import batching
from shared.serving.batching import Batcher, DeadlinePassed, Overloaded, Room
from shared.serving.request_rows.rows import AnswerForm
from tests.serving.parcels import PARCELS

FORM = AnswerForm(PARCELS)


def score(asked: Columns) -> Columns:
    """Return a probability for each row; a negative age is one that no model takes."""
    if any(age < 0 for age in asked["age"]):
        raise ValueError("a negative age")
    count = len(asked["age"])
    return {name: [name] * count for name in FORM.names} | {"probability": asked["age"]}


async def _ask(batcher: Batcher, requests: list[list[tuple[int]]]) -> list[Any]:
    asked = [batcher.ask(rows) for rows in requests]
    return await asyncio.gather(*asked, return_exceptions=True)


def answered(
    requests: list[list[tuple[int]]],
    write: Callable[[Columns], None] = lambda rows: None,
) -> tuple[list[Any], list[tuple[int, int]]]:
    """Return what requests that come at once are given, and the batches that they were."""
    batches: list[tuple[int, int]] = []
    batcher = Batcher(
        ["age"], score, write, FORM.answers, lambda waited, rows: batches.append((waited, rows))
    )
    given = asyncio.run(_ask(batcher, requests))
    batcher.close()
    return given, batches


def ages(given: list[Any]) -> list[list[int]]:
    return [[answer.probability for answer in answers] for answers in given]


def test_what_comes_at_once_is_one_batch_and_each_gets_its_own_rows() -> None:
    given, batches = answered([[(1,), (2,)], [(3,)], [(4,), (5,)]])
    assert ages(given) == [[1, 2], [3], [4, 5]]
    assert batches == [(5, 5)]


def test_rows_are_written_before_they_are_answered() -> None:
    written: list[int] = []
    given, _ = answered([[(1,)], [(2,)]], lambda rows: written.extend(rows["probability"]))
    assert written == [1, 2]
    assert ages(given) == [[1], [2]]


def test_a_request_that_spoils_a_batch_fails_alone() -> None:
    first, spoilt, last = answered([[(1,)], [(-1,)], [(2,)]])[0]
    assert ages([first, last]) == [[1], [2]]
    assert str(spoilt) == "a negative age"


def test_a_full_queue_refuses_at_once_and_a_late_answer_at_the_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(batching, "DEADLINE_SECONDS", 0.2)
    go_on = threading.Event()
    room, write = Room(queue=2), lambda rows: go_on.wait(10) and None
    batcher = Batcher(["age"], score, write, FORM.answers, room=room)

    async def asked() -> list[Any]:
        slow = asyncio.create_task(batcher.ask([(1,)]))
        await asyncio.sleep(0.05)
        waiting = asyncio.create_task(batcher.ask([(2,), (3,)]))
        await asyncio.sleep(0)
        refused = asyncio.create_task(batcher.ask([(4,)]))
        given = await asyncio.gather(slow, waiting, refused, return_exceptions=True)
        go_on.set()
        return given

    slow, waiting, refused = asyncio.run(asked())
    batcher.close()
    assert isinstance(slow, DeadlinePassed)
    assert isinstance(waiting, DeadlinePassed)
    assert type(refused) is Overloaded
    assert str(refused) == "2 rows are waiting already"


def threads_of_writes(
    near: bool, seconds: list[float], together: int = 1
) -> tuple[list[bool], list[list[Any]]]:
    """Ask as often as there are times that a write takes; return which were made by the asking one.

    With them comes what was answered, to so many requests each time.
    """
    main, here = threading.get_ident(), list[bool]()
    waits = iter(seconds)

    def write(rows: Columns) -> None:
        time.sleep(next(waits))
        here.append(threading.get_ident() == main)
        if 13 in rows["probability"]:
            raise LogUnavailable("away")

    async def asked() -> list[list[Any]]:
        batcher = Batcher(["age"], score, write, FORM.answers, near=near)
        found = [await _ask(batcher, [[(at,)]] * together) for at in range(10, 10 + len(seconds))]
        batcher.close()
        return found

    found = asyncio.run(asked())
    return here, found


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let only what takes half a second be slow, as this machine may be busy."""
    monkeypatch.setattr(batching, "SWIFT_SECONDS", 0.5)


@pytest.mark.usefixtures("patient")
def test_what_is_alone_is_written_at_once_while_writes_into_a_file_are_quick() -> None:
    here, given = threads_of_writes(near=True, seconds=[0, 0, 0.6])
    assert here == [False, True, True]
    assert [ages(one) for one in given] == [[[10]], [[11]], [[12]]]
    assert threads_of_writes(near=True, seconds=[0, 0.6, 0])[0] == [False, True, False]


@pytest.mark.usefixtures("patient")
def test_what_fails_at_once_is_told_and_the_next_is_not_written_there() -> None:
    here, given = threads_of_writes(near=True, seconds=[0, 0, 0, 0, 0, 0])
    assert here == [False, True, True, True, False, True]
    assert str(given[3][0]) == "away"
    assert ages(given[5]) == [[15]]


@pytest.mark.usefixtures("patient")
def test_several_and_what_goes_over_a_network_are_written_by_a_thread_of_their_own() -> None:
    assert threads_of_writes(near=False, seconds=[0, 0, 0])[0] == [False] * 3
    assert threads_of_writes(near=True, seconds=[0, 0, 0], together=2)[0] == [False] * 3


@pytest.mark.parametrize("under_way", [1, 2])
def test_a_batch_is_scored_while_another_is_written_where_there_is_room_for_two(
    under_way: int,
) -> None:
    begun, go_on = threading.Event(), threading.Event()
    scored: list[int] = []
    written: list[int] = []

    def noted(asked: Columns) -> Columns:
        scored.extend(asked["age"])
        return score(asked)

    def write(rows: Columns) -> None:
        begun.set()
        go_on.wait(10)
        written.extend(rows["probability"])

    room = Room(under_way=under_way)
    batcher = Batcher(["age"], noted, write, FORM.answers, room=room)

    async def asked() -> list[Any]:
        tasks = [asyncio.create_task(batcher.ask([(1,)]))]
        while not begun.is_set():
            await asyncio.sleep(0.001)
        for age in (2, 3, 4):
            tasks.append(asyncio.create_task(batcher.ask([(age,)])))
            await asyncio.sleep(0.01)
        assert (scored, written) == ([1, 2][:under_way], [])
        go_on.set()
        return await asyncio.gather(*tasks)

    assert ages(asyncio.run(asked())) == [[1], [2], [3], [4]]
    batcher.close()
    assert scored == written == [1, 2, 3, 4]
    assert batcher.waiting == 0
