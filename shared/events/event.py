"""An event: what is new about a problem, in the words that webhooks and messages have for it."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from shared.events.alerts import Message
from shared.model.decision import Decision, standing
from shared.model.verdict import Verdict

Kind = Literal[
    "bundle.packaged",
    "bundle.waiting",
    "bundle.approved",
    "bundle.rejected",
    "bundle.rolled_back",
    "verdict.changed",
]
_DECIDED: dict[str, Kind] = {
    "approve": "bundle.approved",
    "reject": "bundle.rejected",
    "rollback": "bundle.rolled_back",
}
_WORDS: dict[Kind, str] = {
    "bundle.packaged": "was packaged and verified",
    "bundle.waiting": "waits for a decision",
    "bundle.approved": "was approved",
    "bundle.rejected": "was rejected",
    "bundle.rolled_back": "was rolled back",
    "verdict.changed": "has another verdict",
}


@dataclass(frozen=True)
class Event:
    """What is new, as webhooks send it.

    `digest` is of the bundle that it is about, `run` the pathspec of the run that made it so, and
    `at` an ISO time (UTC). `verdict` is a window's level, `by` who decided or ran it, and `reason`
    why. A run that is done again sends the same `id`.
    """

    id: str
    event: Kind
    problem: str
    branch: str
    run: str
    digest: str
    at: str
    by: str | None = None
    reason: str | None = None
    verdict: str | None = None

    def plain(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return asdict(self)


@dataclass(frozen=True)
class Origin:
    """Where events come from: a run's pathspec, its branch, and who started it."""

    run: str
    branch: str
    by: str | None = None


def packaged(problem: str, digest: str, approvals: int, origin: Origin) -> list[Event]:
    """Return what is new once a bundle is verified: it is packaged, and waits for a decision."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    needed = f"0 of {approvals} approvals"
    return [
        _event("bundle.packaged", origin, problem, digest, at, origin.by),
        _event("bundle.waiting", origin, problem, digest, at, None, needed),
    ]


def decided(decision: Decision, history: Sequence[Decision], origin: Origin) -> list[Event]:
    """Return what a decision makes new after those before it.

    One approval of several that are needed leaves its bundle waiting. What does not count is none.
    """
    after = standing([*history, decision], decision.review)
    if not after.counts(decision):
        return []
    kind, reason = _DECIDED[decision.decision], decision.reason
    if decision.digest in after.waiting:
        kind, reason = "bundle.waiting", f"{after.approvals(decision.digest)}: {reason}"
    about = decision.problem, decision.digest, decision.at, decision.reviewer
    return [_event(kind, origin, *about, reason)]


def judged(verdict: Verdict, before: str, origin: Origin) -> list[Event]:
    """Return the event of a verdict of another level than the one `before`; none of the same."""
    if verdict.level == before:
        return []
    about = verdict.problem, verdict.bundle, verdict.judged_at, origin.by
    reason = f"it was {before}: {verdict.words}"
    return [_event("verdict.changed", origin, *about, reason, verdict.level)]


def message(events: Sequence[Event]) -> Message | None:
    """Put the events of a run in words for people; None without any."""
    if not events:
        return None
    first, last = events[0], events[-1]
    what = " and ".join(_WORDS[event.event] for event in events)
    by = f" by {last.by}" if last.by and first is last else ""
    why = f"\n{last.reason}" if last.reason else ""
    title = f"{first.problem}: bundle {first.digest[:12]} {what}{by}"
    return Message(title, f"Branch {first.branch}, run {first.run}, at {first.at}.{why}")


def _event(
    kind: Kind,
    origin: Origin,
    problem: str,
    digest: str,
    at: str,
    by: str | None,
    reason: str | None = None,
    verdict: str | None = None,
) -> Event:
    named = "\n".join([problem, origin.branch, origin.run, kind])
    number = f"msg_{hashlib.sha256(named.encode()).hexdigest()[:32]}"
    return Event(number, kind, problem, origin.branch, origin.run, digest, at, by, reason, verdict)
