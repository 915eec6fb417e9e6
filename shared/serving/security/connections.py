"""The connections of a process: how many there may be, and how long one may keep it waiting."""

import asyncio
import ipaddress
import resource
from collections import Counter
from dataclasses import dataclass
from typing import Protocol

HEAD_BYTES = 16 * 1024
HEAD_LINES = 100
# Requests that came before the first of them was answered.
MOST_PIPELINED = 16
# What a body may have around its bytes: sizes of chunks, and lines behind it.
FRAME_BYTES = 64 * 1024
LOOK_SECONDS = 1.0
# Descriptors for all but connections: the log, the spool, the socket.
OTHER_DESCRIPTORS = 128
UNREAD_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class ConnectionLimits:
    """How many connections a process has, in all and from one address, and how long they may wait.

    A head has to be complete `wait_seconds` after its connection began or had its last answer; of
    an answer, half of what is left has to be read in `unread_seconds`.
    """

    most: int = 1_000
    wait_seconds: float = 10.0
    unread_seconds: float = 20.0

    @property
    def most_of_one(self) -> int:
        """The most from one address; so none takes all."""
        return max(1, self.most // 2)


class Waiting(Protocol):
    """A connection as the lobby sees it."""

    def unread_bytes(self) -> int:
        """Return how much of its answers was not taken yet."""

    def cut(self) -> None:
        """End it, without waiting for anything."""

    def give_up(self) -> bool:
        """End it as one whose head did not come in time; False where a body is still coming."""


class Lobby:
    """Knows a process's connections, and since when those without a whole request have waited.

    Where there are as many as there may be, one that waits makes way: of the address that has most
    of them, the one that has been waiting longest.
    """

    def __init__(self, limits: ConnectionLimits) -> None:
        self.limits = limits
        self._most = min(limits.most, _descriptors(limits.most) - OTHER_DESCRIPTORS)
        self._address: dict[Waiting, str | bytes] = {}
        self._of_address: Counter[str | bytes] = Counter()
        # In the order in which they began to wait.
        self._waiting: dict[Waiting, float] = {}
        self._unread: dict[Waiting, tuple[float, int]] = {}
        self._timer: asyncio.TimerHandle | None = None

    def enter(self, connection: Waiting, client: str) -> int | None:
        """Take a connection, or return the status that it is refused with."""
        address = _place(client)
        if self._of_address[address] >= self.limits.most_of_one:
            return 429
        if len(self._address) >= self._most:
            if not self._waiting:
                return 503
            # The first of those whose address has most: whoever opens many pays for it.
            gives_way = max(self._waiting, key=lambda c: self._of_address[self._address[c]])
            self.leave(gives_way)
            gives_way.cut()
        self._address[connection] = address
        self._of_address[address] += 1
        self.wait(connection)
        return None

    def leave(self, connection: Waiting) -> None:
        """Forget a connection."""
        address = self._address.pop(connection, None)
        if address is not None:
            self._of_address[address] -= 1
            if not self._of_address[address]:
                del self._of_address[address]
        self._waiting.pop(connection, None)
        self._unread.pop(connection, None)

    def wait(self, connection: Waiting) -> None:
        """Note that a connection has no request from now on."""
        loop = asyncio.get_running_loop()
        self._waiting[connection] = loop.time()
        if self._timer is None:
            self._timer = loop.call_later(LOOK_SECONDS, self._look, loop)

    def ask(self, connection: Waiting) -> None:
        """Note that a connection has a request, all of it."""
        self._waiting.pop(connection, None)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        late = now - self.limits.wait_seconds
        for connection in [c for c, since in self._waiting.items() if since <= late]:
            if connection.give_up():
                self._waiting.pop(connection, None)
        for connection in self._slow_readers(now):
            connection.cut()
        again = bool(self._address)
        self._timer = loop.call_later(LOOK_SECONDS, self._look, loop) if again else None

    def _slow_readers(self, now: float) -> list[Waiting]:
        """Return who does not read its answers, and of those who read, who makes them pile up."""
        slow: list[Waiting] = []
        unread = {c: size for c in self._address if (size := c.unread_bytes())}
        self._unread = {c: self._unread.get(c, (now, size)) for c, size in unread.items()}
        for connection, (since, former) in self._unread.items():
            if now - since < self.limits.unread_seconds:
                continue
            if 2 * unread[connection] > former:
                slow.append(connection)
            else:
                self._unread[connection] = now, unread[connection]
        total = sum(unread.values())
        for connection in sorted(unread, key=lambda c: unread[c], reverse=True):
            if total <= UNREAD_BYTES:
                break
            total -= unread[connection]
            slow.append(connection)
        return slow


def _place(client: str) -> str | bytes:
    """Return what counts as one address: of IPv6, the net that a site has."""
    return ipaddress.ip_address(client.partition("%")[0]).packed[:8] if ":" in client else client


def _descriptors(wanted: int) -> int:
    """Let this process have as many descriptors as it needs, and return how many it has."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + OTHER_DESCRIPTORS
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return needed
    soft = needed if hard == resource.RLIM_INFINITY else min(hard, needed)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return soft
