"""Alerts: messages to people, sent through Apprise.

An alert that could not be delivered is kept by its run, and tried again by the next one. Addresses
hold secrets: they come from the environment, and what is kept of them is a hash and a private form.
"""

import hashlib
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

VARIABLE = "MILLRACE_ALERTS"
TRIES, PAUSE_SECONDS = 3, 1.0
MOST_WAITING = 100


@dataclass(frozen=True)
class Message:
    """What people read: its title, and its text."""

    title: str
    body: str


@dataclass(frozen=True)
class Alert:
    """A message to one address, by its hash and how it may be shown, and what became of it.

    `error` says why it has not been delivered, after so many `tries`; None once it has.
    """

    message: Message
    run: str
    address: str
    shown: str
    tries: int = 0
    error: str | None = "not sent yet"


def addresses() -> list[str]:
    """Return the Apprise addresses that the environment has, between blanks or lines."""
    return os.environ.get(VARIABLE, "").split()


def pending(news: Message | None, run: str, waiting: Iterable[Alert]) -> list[Alert]:
    """Return an alert for each address, after those of earlier runs that still wait."""
    new = [Alert(news, run, _hash(to), _shown(to)) for to in addresses()] if news else []
    return [*waiting, *new][-MOST_WAITING:]


def deliver(alerts: Iterable[Alert]) -> list[Alert]:
    """Send each alert, trying a few times; what fails is kept in the alert, and not raised."""
    known = {_hash(to): to for to in addresses()}
    return [_delivered(alert, known.get(alert.address)) for alert in alerts]


def _delivered(alert: Alert, address: str | None) -> Alert:
    if address is None:
        return replace(alert, error=f"{VARIABLE} no longer has its address")
    for tried in range(1, TRIES + 1):
        error = _send(alert.message, address)
        alert = replace(alert, tries=alert.tries + 1, error=error)
        if error is None:
            break
        if tried < TRIES:
            time.sleep(PAUSE_SECONDS * 2 ** (tried - 1))
    return alert


def _send(message: Message, address: str) -> str | None:
    """Send a message; returns what went wrong, or None."""
    import apprise

    sender = apprise.Apprise()
    if not sender.add(address):
        return "Apprise does not support such an address"
    with apprise.LogCapture(level=apprise.logging.WARNING) as log:
        try:
            if sender.notify(title=message.title, body=message.body):
                return None
        except Exception as error:
            return f"{type(error).__name__}: {error}".replace(address, _shown(address))
        lines = [line for line in log.getvalue().splitlines() if line.strip()]
    return lines[-1].replace(address, _shown(address)) if lines else "the receiver refused it"


def _shown(address: str) -> str:
    import apprise

    made = apprise.Apprise.instantiate(address, suppress_exceptions=True)
    return made.url(privacy=True).partition("?")[0] if made else f"{address.partition(':')[0]}://…"


def _hash(address: str) -> str:
    return hashlib.sha256(address.encode()).hexdigest()
