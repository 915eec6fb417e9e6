"""Announcing: each event of a run to every webhook, and to people where the settings say so."""

from collections.abc import Sequence
from typing import Any

from metaflow import current

from shared import cards
from shared.events import alerts, webhooks
from shared.events.event import Event, Origin, message
from shared.lineage import run_history
from shared.settings import Settings
from shared.words import number_of


def origin() -> Origin:
    """Return where the events of the flow come from that runs here."""
    run = f"{current.flow_name}/{current.run_id}"
    return Origin(run, run_history.branch(), current.get("username"))


def send(
    settings: Settings, events: Sequence[Event], *, people: bool = True
) -> list[dict[str, Any]]:
    """Send events; returns what became of each at each address, as plain values.

    Webhooks are those of the settings and of the environment. With `notify` in the settings, and
    `people`, the addresses of the alerts get a message. Nothing is raised where one fails.
    """
    receivers = [*settings.events.webhooks, *webhooks.addresses()]
    sent = [delivery.plain() for delivery in webhooks.send_all(events, receivers)]
    if people and settings.events.notify and (words := message(events)):
        for alert in alerts.deliver(alerts.pending(words, events[0].run, [])):
            kept = {"to": alert.shown, "tries": alert.tries, "error": alert.error}
            sent.append({"event": events[0].plain(), **kept})
    return sent


def card(sent: Sequence[dict[str, Any]]) -> list[Any]:
    """Draw what became of a run's events as a card of its own."""
    if sent:
        return components(sent)
    nobody = f"Addresses are in `[events]` of the settings, or in `{webhooks.ADDRESSES}`."
    return cards.headline("quiet", "Nobody is sent events", nobody)


def components(sent: Sequence[dict[str, Any]]) -> list[Any]:
    """Draw what became of a run's events, for the end of a card; nothing where none was sent."""
    if not sent:
        return []
    lost = sum(bool(one["error"]) for one in sent)
    text = f"{number_of(lost, 'event')} not delivered: a run does not send again." if lost else ""
    rows = [
        {
            "Event": one["event"]["event"],
            "To": one["to"],
            "Tries": one["tries"],
            "State": one["error"] or "delivered",
        }
        for one in sent
    ]
    return [*cards.section("Events", text), cards.table(rows)]


def lines(sent: Sequence[dict[str, Any]]) -> list[str]:
    """Return a line for each event and address, as a run says it at its end."""
    return [
        f"{one['event']['event']} to {one['to']}: {one['error'] or 'delivered'}" for one in sent
    ]
