"""An answer's head and body leave by one call of the system."""

import asyncio

from shared.serving.connection import _Gathering


class Transport:
    """Keeps what is sent by each call."""

    def __init__(self) -> None:
        self.calls: list[list[bytes]] = []
        self.closed = False

    def writelines(self, parts: list[bytes]) -> None:
        self.calls.append(list(parts))

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True


def test_what_is_written_in_one_turn_is_sent_at_once() -> None:
    transport = Transport()

    async def answer() -> None:
        gathering = _Gathering(transport, asyncio.get_running_loop())  # type: ignore[arg-type]
        gathering.write(b"head")
        gathering.write(b"body")
        assert transport.calls == []
        await asyncio.sleep(0)
        gathering.write(b"the next")
        await asyncio.sleep(0)

    asyncio.run(answer())
    assert transport.calls == [[b"head", b"body"], [b"the next"]]


def test_what_was_written_is_sent_before_the_connection_closes() -> None:
    transport = Transport()

    async def answer() -> None:
        gathering = _Gathering(transport, asyncio.get_running_loop())  # type: ignore[arg-type]
        gathering.write(b"last words")
        gathering.close()

    asyncio.run(answer())
    assert transport.calls == [[b"last words"]]
    assert transport.closed
