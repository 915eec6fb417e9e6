"""Incidents: a problem that lasts over several verdicts is one, with an age."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from shared.monitoring.verdict import SERIOUS, Level

Change = Literal["opened", "worse", "lasting", "closed"]
# What a person is told of; a problem that lasts is not news.
NEWS: tuple[Change, ...] = ("opened", "worse", "closed")
UNJUDGED = "window"


@dataclass(frozen=True)
class Incident:
    """A problem with one subject: a column, or what else can go wrong, such as `quality`.

    `since` is the start of the first window that showed it, and `windows` how many have in a row;
    `change` is what the last of them made of it.
    """

    subject: str
    level: Level
    what: str
    since: str | None
    windows: int
    change: Change


def follow(verdict: dict[str, Any], earlier: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return a verdict with its `incidents`, and with each reason's `since`.

    `earlier` are verdicts of the same problem. The one before is that of the latest window which
    does not end later, and was read from the same place; so judging a window again is no news.
    A window that could not be judged closes nothing.
    """
    before = _before(verdict, earlier)
    open_ones = {i["subject"]: i for i in before["incidents"] if i["change"] != "closed"}
    again = before["until"] is not None and before["until"] == verdict["until"]
    found = [
        _next(named, reason, open_ones.get(named), verdict["start"], again)
        for named, reason in _worst(verdict)
    ]
    there = {incident.subject for incident in found}
    gone: Change = "closed" if verdict["state"] == "judged" else "lasting"
    found += [
        Incident(**{**old, "change": gone})
        for named, old in open_ones.items()
        if named not in there
    ]
    since = {incident.subject: incident.since for incident in found}
    reasons = [{**reason, "since": since[subject(reason)]} for reason in verdict["reasons"]]
    return {**verdict, "reasons": reasons, "incidents": [asdict(incident) for incident in found]}


def news(verdict: Mapping[str, Any]) -> list[Incident]:
    """Return the incidents that this verdict opened, made worse or closed."""
    found = [Incident(**incident) for incident in verdict["incidents"]]
    return [incident for incident in found if incident.change in NEWS]


def calls_for_training(verdict: Mapping[str, Any]) -> bool:
    """Tell whether a loss of quality was just proven: one that lasts has been answered already."""
    reasons = [r for r in verdict["reasons"] if r["stage"] == "quality" and r["level"] == "act"]
    lost = {subject(reason) for reason in reasons}
    return any(one.subject in lost and one.change != "closed" for one in news(verdict))


def subject(reason: Mapping[str, Any]) -> str:
    """Return what a reason is about: its column, or else its stage."""
    return reason["column"] or reason["stage"]


def trail(verdict: Mapping[str, Any], earlier: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the last verdict on each window up to this one, the oldest first."""
    windows: dict[Any, dict[str, Any]] = {}
    for old in [*sorted(_alike(verdict, earlier), key=_age), verdict]:
        windows[old["until"]] = dict(old)
    return sorted(windows.values(), key=_age)


def _worst(verdict: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """Return each subject with its most serious reason, which stands first."""
    found: dict[str, Mapping[str, Any]] = {}
    for reason in verdict["reasons"]:
        found.setdefault(subject(reason), reason)
    if verdict["state"] != "judged":
        found.setdefault(UNJUDGED, {"level": "watch", "what": verdict["words"]})
    return list(found.items())


def _next(
    named: str,
    reason: Mapping[str, Any],
    old: Mapping[str, Any] | None,
    start: str | None,
    again: bool,
) -> Incident:
    level, what = reason["level"], reason["what"]
    if old is None:
        return Incident(named, level, what, start, 1, "opened")
    worse = SERIOUS.index(level) < SERIOUS.index(old["level"])
    windows = old["windows"] + (0 if again else 1)
    return Incident(named, level, what, old["since"], windows, "worse" if worse else "lasting")


def _before(verdict: Mapping[str, Any], earlier: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    return max(_alike(verdict, earlier), key=_age, default={"incidents": [], "until": None})


def _alike(
    verdict: Mapping[str, Any], earlier: Iterable[Mapping[str, Any]]
) -> list[Mapping[str, Any]]:
    return [
        old
        for old in earlier
        if old["source"] == verdict["source"]
        and "incidents" in old
        and (old["until"] or "") <= (verdict["until"] or old["until"] or "")
    ]


def _age(verdict: Mapping[str, Any]) -> tuple[str, str]:
    return verdict["until"] or "", verdict["judged_at"]
