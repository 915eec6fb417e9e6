"""Incidents: a problem that lasts over several verdicts is one, with an age."""

from collections.abc import Iterable

from shared.model.loss_proofs import age, alike, learnable_losses
from shared.model.verdict import SERIOUS, Change, Incident, Level, Verdict

# What is news to a person; a problem that lasts is not.
NEWS: tuple[Change, ...] = ("opened", "worse", "closed")
UNJUDGED = "window"


def follow(verdict: Verdict, earlier: Iterable[Verdict]) -> Verdict:
    """Return a verdict with its `incidents`, and with each reason's `since`.

    `earlier` are verdicts of the same problem. The one before is that of the latest window which
    does not end later, and was read from the same place; so judging a window again is no news.
    A window that could not be judged closes nothing.
    """
    before = max(alike(verdict, earlier), key=age, default=None)
    known = (before.incidents or ()) if before else ()
    open_ones = {one.subject: one for one in known if one.change != "closed"}
    again = before is not None and before.until is not None and before.until == verdict.until
    shown = [
        _next(subject, level, what, open_ones.get(subject), verdict.start, again)
        for subject, (level, what) in _worst(verdict).items()
    ]
    there = {incident.subject for incident in shown}
    gone: Change = "closed" if verdict.state == "judged" else "lasting"
    shown += [
        old.model_copy(update={"change": gone})
        for subject, old in open_ones.items()
        if subject not in there
    ]
    since = {incident.subject: incident.since for incident in shown}
    reasons = tuple(r.model_copy(update={"since": since[r.subject]}) for r in verdict.reasons)
    return verdict.model_copy(update={"reasons": reasons, "incidents": tuple(shown)})


def level_before(verdict: Verdict, earlier: Iterable[Verdict]) -> Level:
    """Return the level that a verdict follows: `ok` where nothing was judged before."""
    others = [old for old in alike(verdict, earlier) if old.judged_at != verdict.judged_at]
    return max(others, key=age).level if others else "ok"


def news(verdict: Verdict) -> list[Incident]:
    """Return the incidents that this verdict opened, made worse or closed."""
    return [incident for incident in verdict.incidents or () if incident.change in NEWS]


def calls_for_training(verdict: Verdict) -> bool:
    """Say whether a loss of quality was just proven: one that lasts has been answered already."""
    lost = {reason.subject for reason in learnable_losses(verdict)}
    return any(one.subject in lost and one.change != "closed" for one in news(verdict))


def trail(verdict: Verdict, earlier: Iterable[Verdict]) -> list[Verdict]:
    """Return the last verdict on each window up to this one, the oldest first."""
    windows = {old.until: old for old in [*sorted(alike(verdict, earlier), key=age), verdict]}
    return sorted(windows.values(), key=age)


def _worst(verdict: Verdict) -> dict[str, tuple[Level, str]]:
    """Return each subject with its most serious reason, which stands first."""
    worst: dict[str, tuple[Level, str]] = {}
    for reason in verdict.reasons:
        worst.setdefault(reason.subject, (reason.level, reason.what))
    if verdict.state != "judged":
        worst.setdefault(UNJUDGED, ("watch", verdict.words))
    return worst


def _next(
    subject: str, level: Level, what: str, old: Incident | None, start: str | None, again: bool
) -> Incident:
    change: Change = "opened"
    since, windows = start, 1
    if old is not None:
        worse = SERIOUS.index(level) < SERIOUS.index(old.level)
        change, since = "worse" if worse else "lasting", old.since
        windows = old.windows + (0 if again else 1)
    return Incident(
        subject=subject, level=level, what=what, since=since, windows=windows, change=change
    )
