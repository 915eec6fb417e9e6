"""The lobby: who is let in, who makes way, and who has kept it waiting for too long."""

import asyncio
import resource
from collections.abc import Awaitable, Callable

from shared.serving.security.connections import (
    LOOK_SECONDS,
    UNREAD_BYTES,
    ConnectionLimits,
    Lobby,
)


class Caller:
    """A connection that remembers how it was ended."""

    def __init__(self, unread: int = 0) -> None:
        self.unread = unread
        self.ended: str | None = None

    def unread_bytes(self) -> int:
        return self.unread

    def cut(self) -> None:
        self.ended = "cut"

    def give_up(self) -> bool:
        self.ended = "given up"
        return True


def in_lobby(scene: Callable[[Lobby], Awaitable[None]], **limits: float) -> None:
    async def play() -> None:
        await scene(Lobby(ConnectionLimits(**limits)))  # type: ignore[arg-type]

    asyncio.run(play())


def test_half_of_the_connections_are_one_addresss_at_most() -> None:
    async def scene(lobby: Lobby) -> None:
        callers = [Caller() for _ in range(4)]
        assert [lobby.enter(caller, "10.0.0.1") for caller in callers] == [None, None, 429, 429]
        lobby.leave(callers[0])
        assert lobby.enter(callers[3], "10.0.0.1") is None
        # A site has many addresses of IPv6, which are one here.
        sites = ("2001:db8::1", "2001:db8::2:1", "2001:db8:0:1::1")
        assert [lobby.enter(Caller(), site) for site in sites] == [None, None, None]

    in_lobby(scene, most=4)
    assert ConnectionLimits(1).most_of_one == 1


def test_who_has_waited_longest_makes_way_and_who_has_a_request_never() -> None:
    async def scene(lobby: Lobby) -> None:
        asks, waits, waits_less, comes = (Caller() for _ in range(4))
        for number, caller in enumerate((asks, waits, waits_less)):
            assert lobby.enter(caller, f"10.0.0.{number}") is None
        lobby.ask(asks)
        assert lobby.enter(comes, "10.0.0.9") is None
        assert [c.ended for c in (asks, waits, waits_less)] == [None, "cut", None]
        for caller in (waits_less, comes):
            lobby.ask(caller)
        assert lobby.enter(Caller(), "10.0.0.10") == 503

    in_lobby(scene, most=3)


def test_the_address_that_has_most_makes_way_first() -> None:
    async def scene(lobby: Lobby) -> None:
        honest, many, comes = Caller(), [Caller(), Caller(), Caller()], Caller()
        lobby.enter(honest, "10.0.0.1")
        for caller in many:
            lobby.enter(caller, "10.0.0.2")
        lobby.enter(Caller(), "10.0.0.3")
        lobby.enter(Caller(), "10.0.0.4")
        assert lobby.enter(comes, "10.0.0.5") is None
        assert [c.ended for c in (honest, *many)] == [None, "cut", None, None]

    in_lobby(scene, most=6)


def test_who_waits_too_long_is_given_up_and_who_asked_meanwhile_is_not() -> None:
    async def scene(lobby: Lobby) -> None:
        waits, asks, asks_again = Caller(), Caller(), Caller()
        for caller in (waits, asks, asks_again):
            lobby.enter(caller, "10.0.0.1")
        lobby.ask(asks)
        await asyncio.sleep(LOOK_SECONDS / 2)
        lobby.ask(asks_again)
        lobby.wait(asks_again)
        await asyncio.sleep(LOOK_SECONDS)
        assert [c.ended for c in (waits, asks, asks_again)] == ["given up", None, None]

    in_lobby(scene, wait_seconds=LOOK_SECONDS * 0.8)


def test_who_does_not_read_is_cut_and_so_is_who_has_most_where_it_is_too_much() -> None:
    async def scene(lobby: Lobby) -> None:
        reads, does_not, has_most = Caller(1_000_000), Caller(1_000_000), Caller(UNREAD_BYTES)
        for caller in (reads, does_not, has_most):
            lobby.enter(caller, "10.0.0.1")
            lobby.ask(caller)
        await asyncio.sleep(1.2 * LOOK_SECONDS)
        assert [c.ended for c in (reads, does_not, has_most)] == [None, None, "cut"]
        lobby.leave(has_most)
        reads.unread = 400_000
        await asyncio.sleep(LOOK_SECONDS)
        assert [c.ended for c in (reads, does_not)] == [None, "cut"]

    in_lobby(scene, unread_seconds=LOOK_SECONDS * 0.9)


def test_a_process_takes_as_many_descriptors_as_it_needs_and_no_more_connections_than_it_has() -> (
    None
):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (200, hard))
        Lobby(ConnectionLimits(300))
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == 428
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
