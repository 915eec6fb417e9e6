"""News of a verdict: what it makes of incidents to people, and a change of it to webhooks."""

from collections.abc import Iterable, Sequence
from typing import Any

from shared.events import alerts, announce, event
from shared.events.alerts import Alert, Message
from shared.events.event import Origin
from shared.lineage import windows
from shared.model.verdict import Incident, Verdict
from shared.monitoring import incidents
from shared.settings import Settings
from shared.words import number_of

# Of a verdict's further reasons so many have a line of their own.
MOST_REASONS = 8
WORDS = {"opened": "opened", "worse": "got worse", "closed": "closed"}


def send(
    settings: Settings, verdict: Verdict, origin: Origin
) -> tuple[list[Alert], list[dict[str, Any]]]:
    """Send the alerts of a verdict, with those that still wait, and its event if it changed.

    Returns what became of each. Nothing is raised where one fails.
    """
    waiting = windows.waiting_alerts(settings.name)
    sent = alerts.deliver(alerts.pending(message(verdict, origin.run), origin.run, waiting))
    before = incidents.level_before(verdict, windows.verdicts(settings.name))
    changed = event.judged(verdict, before, origin)
    # People have the alerts already.
    return sent, announce.send(settings, changed, people=False)


def message(verdict: Verdict, run: str) -> Message | None:
    """Put what a verdict made of incidents in words; None when it is no news."""
    changed = incidents.news(verdict)
    if not changed:
        return None
    first = changed[0]
    more = f", and {len(changed) - 1} more" if len(changed) > 1 else ""
    lines = [*map(_line, changed), "", f"Next: {verdict.next_action}"]
    lines += [f"Window: {_window(verdict)}. Run: {run}."]
    what = f"{first.what} ({WORDS[first.change]}){more}"
    return Message(f"[{verdict.level}] {verdict.problem}: {what}", "\n".join(lines))


def closing_words(
    verdict: Verdict, sent: Iterable[Alert], events: Sequence[dict[str, Any]]
) -> list[str]:
    """Return the lines that a run ends with: verdict, what to do next, each alert and event."""
    lines = [*verdict_lines(verdict), f"next: {verdict.next_action}"]
    lines += [f"alert to {alert.shown}: {alert.error or 'delivered'}" for alert in sent]
    return lines + announce.lines(events)


def verdict_lines(verdict: Verdict) -> list[str]:
    """Return a verdict and its window in a line, and each further reason, of many the first."""
    others = verdict.reasons[1:]
    lines = [f"verdict of {verdict.problem}: {verdict.words} ({_window(verdict)})"]
    lines += [f"  {reason.level}: {reason.what}" for reason in others[:MOST_REASONS]]
    left = len(others) - MOST_REASONS
    return [*lines, f"  and {left:,} more, on the run's card"] if left > 0 else lines


def _window(verdict: Verdict) -> str:
    ends = [(end or "?")[:16].replace("T", " ") for end in (verdict.start, verdict.until)]
    span = f"{' to '.join(ends)} UTC, " if verdict.start or verdict.until else ""
    return f"{span}{number_of(verdict.rows, 'row')}"


def _line(incident: Incident) -> str:
    age = f", since {incident.since[:10]}" if incident.since else ""
    seen = f", seen in {incident.windows} windows" if incident.windows > 1 else ""
    return f"- {incident.level}, {WORDS[incident.change]}{age}{seen}: {incident.what}"
