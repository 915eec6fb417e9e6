"""What stands before the application of a server that others can reach, in one place."""

import ipaddress
import socket
from dataclasses import dataclass, field

from starlette.types import ASGIApp

from shared import command_words
from shared.errors import Refusal
from shared.serving.security import access, failures, keys, limits
from shared.serving.security.connections import ConnectionLimits
from shared.serving.security.keys import Keys


@dataclass(frozen=True)
class Guard:
    """Who may ask (anyone, without keys), how much in what time, and whether the docs are shown."""

    keys: Keys | None = None
    most_bytes: int = limits.MAX_BODY_BYTES
    body_seconds: float = limits.BODY_SECONDS
    docs: bool = True
    connections: ConnectionLimits = field(default_factory=ConnectionLimits)


def guarded(app: ASGIApp, guard: Guard) -> ASGIApp:
    """Return the application behind its guard: failures are told, keys asked for, bodies limited.

    In this order a body is not read before its sender is known, and no failure is told in full.
    """
    inner = limits.limited(app, guard.most_bytes, guard.body_seconds)
    return failures.handled(access.require_key(inner, guard.keys) if guard.keys else inner)


def refuse_exposed(listening: socket.socket, guard: Guard) -> None:
    """Raise `Refusal` for a socket that other machines can reach, when no key is asked for."""
    address = listening.getsockname()[0]
    if guard.keys is None and not ipaddress.ip_address(address.partition("%")[0]).is_loopback:
        raise Refusal(
            f"other machines can reach {address}, so keys are needed: make one with "
            f"`{command_words.millrace('key --name NAME --role predict')}`, and set "
            f"{keys.VARIABLE} to the entry that it prints (or listen at --host 127.0.0.1)"
        )
