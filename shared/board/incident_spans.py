"""Incidents over a problem's windows, each from its first window to its last."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from shared.model.verdict import Incident, Verdict


@dataclass(frozen=True)
class IncidentSpan:
    """An incident from its first window to its last; `closed` where a later window was free of it.

    The dates are ISO days; `windows` is how many showed it.
    """

    subject: str
    level: str
    what: str
    since: str
    until: str
    windows: int
    closed: bool


def incident_spans(trail: Iterable[Verdict]) -> Iterator[IncidentSpan]:
    """Yield the incidents of a trail of verdicts (the oldest first), what is open first."""
    open_now: dict[str, list[tuple[Verdict, Incident]]] = {}
    ended: list[IncidentSpan] = []
    for verdict in trail:
        for incident in verdict.incidents or ():
            seen = open_now.setdefault(incident.subject, [])
            if incident.change == "closed":
                ended += [_span(seen, closed=True)] if seen else []
                del open_now[incident.subject]
            else:
                seen.append((verdict, incident))
    yield from (_span(seen, closed=False) for seen in open_now.values())
    yield from reversed(ended)


def _span(seen: list[tuple[Verdict, Incident]], *, closed: bool) -> IncidentSpan:
    (_, first), (last_verdict, last) = seen[0], seen[-1]
    return IncidentSpan(
        last.subject,
        last.level,
        last.what,
        (first.since or "?")[:10],
        (last_verdict.until or "?")[:10],
        last.windows,
        closed,
    )
