"""A time within which something must be done."""

import asyncio

import pytest

from shared.serving.security.deadlines import Deadlines


async def _wait(deadlines: Deadlines, seconds: float) -> str:
    with deadlines:
        await asyncio.sleep(seconds)
    return "in time"


def test_a_block_that_takes_too_long_is_ended_and_the_others_are_not() -> None:
    async def both() -> list[object]:
        deadlines = Deadlines(0.1)
        waiting = [_wait(deadlines, 0.01), _wait(deadlines, 60), _wait(deadlines, 0.02)]
        return await asyncio.gather(*waiting, return_exceptions=True)

    first, late, last = asyncio.run(asyncio.wait_for(both(), 10))
    assert isinstance(late, TimeoutError)
    assert (first, last) == ("in time", "in time")


def test_who_cancels_a_block_from_outside_is_not_told_of_a_deadline() -> None:
    async def cancelled() -> None:
        task = asyncio.create_task(_wait(Deadlines(60), 60))
        await asyncio.sleep(0)
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(cancelled())
