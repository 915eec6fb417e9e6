"""The decision card: what was decided about which bundle, on what evidence, after what history."""

from collections.abc import Sequence
from typing import Any

from shared import cards
from shared.events import announce
from shared.kinds import metric_name
from shared.model.decision import Decision, Standing, standing
from shared.problem_commands import make_command
from shared.tasks.metrics import Score

WORDS = {
    "approve": "Approved",
    "reject": "Rejected",
    "rollback": "Rolled back",
    "comment": "Commented",
}
MOODS = {"approve": "good", "reject": "bad", "rollback": "warn", "comment": "quiet"}


def closing_words(decided: Decision, after: Standing) -> list[str]:
    """Return what came of a decision in lines: where its bundle and the problem stand, what next.

    `after` is what stands with it.
    """
    lines = [f"{decided.decision} {decided.digest}"]
    if decided.digest in after.waiting:
        lines.append(f"it has {after.approvals(decided.digest)}")
    lines.append(f"champion of {decided.problem}: {after.champion or 'none'}")
    if after.champion and after.champion != decided.champion_before:
        serve = make_command("serve", problem=decided.problem)
        lines += ["a server that runs follows it", f"next: {serve}"]
    return lines


def decision(
    decided: Decision, history: Sequence[Decision], events: Sequence[dict[str, Any]] = ()
) -> list[Any]:
    """Draw a decision, its evidence, the decisions before it (the newest first), and its events."""
    after = standing([*history, decided], decided.review)
    scores = [
        {"Metric": metric_name(name), "On the holdout, with its 95% interval": str(Score(**score))}
        for name, score in decided.evidence["scores"].items()
    ]
    is_half = decided.decision == "approve" and decided.digest in after.waiting
    approvals = after.approvals(decided.digest) if is_half else None
    title = f"{WORDS[decided.decision]}{f', {approvals}' if approvals else ''}"
    return [
        *cards.headline(
            "warn" if approvals else MOODS[decided.decision],
            f"{title}: {decided.digest[:12]}",
            f"By **{decided.reviewer}**: {decided.reason}",
        ),
        cards.facts(
            {
                "problem": decided.problem,
                "digest": decided.digest,
                "at": cards.moment(decided.at),
                **({"approvals": approvals} if approvals else {}),
                "champion before": standing(history, decided.review).champion,
                "champion now": after.champion,
            }
        ),
        *cards.section("Evidence"),
        cards.facts({name: value for name, value in decided.evidence.items() if name != "scores"}),
        cards.table(scores),
        *cards.section("History"),
        cards.table([_row(past, after) for past in reversed(history)]),
        *announce.components(events),
    ]


def _row(past: Decision, after: Standing) -> dict[str, str]:
    stands = past.is_comment or after.counts(past)
    uncounted = "" if stands else " (does not count: not by a reviewer)"
    return {
        "When": cards.moment(past.at),
        "Decision": f"{WORDS[past.decision].lower()}{uncounted}",
        "Bundle": past.digest[:12],
        "By": past.reviewer,
        "Reason": past.reason,
        "ReviewFlow run": (past.run or "").rpartition("/")[2],
    }
