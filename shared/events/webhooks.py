"""Webhooks: an event sent to an address, signed as the Standard Webhooks specification has it.

The signature is over the message's id, its time and its body, so that nobody can change or repeat
one unseen: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import base64
import binascii
import hashlib
import hmac
import json
import os
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from shared.events.event import Event

ADDRESSES, SECRET = "MILLRACE_EVENTS", "MILLRACE_EVENTS_SECRET"
PREFIX = "whsec_"
TRIES, PAUSE_SECONDS, TIMEOUT_SECONDS = 3, 1.0, 4.0
# A decision waits for its events so long, and no longer.
MOST_SECONDS = 15.0
# What is worth another try, beside an address that cannot be reached and what breaks there (5xx).
TRY_AGAIN = {408, 425, 429}


@dataclass(frozen=True)
class Delivery:
    """What became of an event at one address, as it may be shown; `error` is None if delivered."""

    event: Event
    shown: str
    tries: int = 0
    error: str | None = "not sent"

    def plain(self) -> dict[str, Any]:
        """Return it as plain values, as runs keep it."""
        kept = {"to": self.shown, "tries": self.tries, "error": self.error}
        return {"event": self.event.plain(), **kept}


def addresses(environment: Mapping[str, str] = os.environ) -> list[str]:
    """Return the addresses that the environment has, between blanks or lines."""
    return environment.get(ADDRESSES, "").split()


def send_all(events: Sequence[Event], receivers: Sequence[str]) -> list[Delivery]:
    """Send each event to each receiver, all at once; none is waited for longer than all may take.

    A receiver that answers a letter a minute is left to itself.
    """
    pairs = [(event, address) for event in events for address in dict.fromkeys(receivers)]
    late = f"no answer in {MOST_SECONDS:g} s"
    found = [Delivery(event, _shown(address), 1, late) for event, address in pairs]

    def put(number: int) -> None:
        found[number] = send(*pairs[number])

    threads = [threading.Thread(target=put, args=[n], daemon=True) for n in range(len(pairs))]
    until = time.monotonic() + MOST_SECONDS
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, until - time.monotonic()))
    return list(found)


def send(event: Event, address: str) -> Delivery:
    """Send an event to an address, trying a few times; what fails is returned, and not raised."""
    shown, body = _shown(address), json.dumps(event.plain(), ensure_ascii=False).encode()
    try:
        keys = secrets()
    except ValueError as error:
        return Delivery(event, shown, error=str(error))
    for tried in range(1, TRIES + 1):
        wrong, again = _post(address, headers(event.id, body, keys), body)
        if not again or tried == TRIES:
            break
        time.sleep(PAUSE_SECONDS * 2 ** (tried - 1))
    return Delivery(event, shown, tried, wrong)


def headers(number: str, body: bytes, keys: list[bytes]) -> dict[str, str]:
    """Return the headers of a message of an id, sent now; it is signed with each of the keys."""
    moment = str(int(time.time()))
    signed = b".".join([number.encode(), moment.encode(), body])
    signatures = [hmac.new(key, signed, hashlib.sha256).digest() for key in keys]
    return {
        "content-type": "application/json",
        "user-agent": "millrace",
        "webhook-id": number,
        "webhook-timestamp": moment,
        "webhook-signature": " ".join(f"v1,{base64.b64encode(s).decode()}" for s in signatures),
    }


def secrets(environment: Mapping[str, str] = os.environ) -> list[bytes]:
    """Return the keys that the environment has: several, between blanks, while one is replaced.

    One is text, or base64 after `whsec_`. Raises `ValueError` where there is none, or a wrong one.
    """
    given = environment.get(SECRET, "").split()
    if not given:
        raise ValueError(f"{SECRET} is not set, and nothing is sent unsigned")
    try:
        return [_key(word) for word in given]
    except binascii.Error:
        raise ValueError(f"{SECRET} is not base64 after {PREFIX}") from None


def _key(word: str) -> bytes:
    if word.startswith(PREFIX):
        return base64.b64decode(word.removeprefix(PREFIX), validate=True)
    return word.encode()


def _post(address: str, headed: dict[str, str], body: bytes) -> tuple[str | None, bool]:
    """Send it once: what went wrong, if anything did, and whether it is worth another try."""
    # Imported where somebody listens.
    import httpx

    try:
        # Only how it answers is of interest: no more of an answer is read than its head.
        sent: dict[str, Any] = {"content": body, "headers": headed, "timeout": TIMEOUT_SECONDS}
        with httpx.stream("POST", address, **sent) as got:
            status = got.status_code
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        words = f"{type(error).__name__}: {error}".replace(address, _shown(address))
        return words, isinstance(error, httpx.TransportError)
    if 200 <= status < 300:
        return None, False
    return f"it answered {status}", status >= 500 or status in TRY_AGAIN


def _shown(address: str) -> str:
    """Return an address without what may be secret of it: its user, its path, its query."""
    try:
        parts = urlsplit(address)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "an address that is none"
    return f"{parts.scheme}://{parts.hostname}{port}/…"
