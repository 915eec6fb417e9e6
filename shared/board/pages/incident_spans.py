"""Incidents over a problem's windows, each from its first window to its last."""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.model.verdict import SERIOUS, Incident, Level, Verdict
from shared.monitoring.incidents import UNJUDGED

Seen = list[tuple[Verdict, Incident]]


@dataclass(frozen=True)
class IncidentSpan:
    """An incident from its first window to its last; `closed` where a later window was free of it.

    The dates are ISO days; `windows` is how many showed it.
    """

    subject: str
    level: Level
    what: str
    since: str | None
    until: str | None
    windows: int
    closed: bool


def incident_spans(trail: Iterable[Verdict]) -> list[IncidentSpan]:
    """Return the incidents of a trail of verdicts, what is open first, the most serious of it.

    The trail has one verdict of each window, in the windows' order, which need not be that in which
    they were judged: what a verdict says of the windows before it counts only where they are not in
    the trail.
    """
    open_now: dict[tuple[str, str], Seen] = {}
    begun: dict[str, Verdict] = {}
    ended: list[IncidentSpan] = []
    for verdict in trail:
        if verdict.incidents is None:
            continue
        first = begun.setdefault(verdict.source, verdict)
        there = {each.subject: each for each in verdict.incidents if each.change != "closed"}
        for place in [key for key in open_now if key[0] == verdict.source]:
            if place[1] not in there and verdict.state == "judged":
                ended.append(_span(open_now.pop(place), first, closed=True))
        for subject, incident in there.items():
            open_now.setdefault((verdict.source, subject), []).append((verdict, incident))
    still = [_span(seen, begun[source], closed=False) for (source, _), seen in open_now.items()]
    return [*sorted(still, key=lambda span: SERIOUS.index(span.level)), *reversed(ended)]


def _span(seen: Seen, first_of_trail: Verdict, *, closed: bool) -> IncidentSpan:
    (first_verdict, first), (last_verdict, last) = seen[0], seen[-1]
    # What began before the trail is known from the verdict alone.
    is_cut = first_verdict is first_of_trail
    since = first.since if is_cut else first_verdict.start
    shown = [v for v, one in seen[1:] if v.state == "judged" or one.subject == UNJUDGED]
    return IncidentSpan(
        last.subject,
        last.level,
        last.what,
        since and since[:10],
        last_verdict.until and last_verdict.until[:10],
        (first.windows if is_cut else 1) + len(shown),
        closed,
    )
