"""The decision card: what was decided about which bundle, on what evidence, after what history."""

from collections.abc import Iterable
from typing import Any

from shared import cards
from shared.model.decision import Decision
from shared.tasks.kinds import metric_name
from shared.tasks.metrics import Score

WORDS = {"approve": "Approved", "reject": "Rejected", "rollback": "Rolled back"}
MOODS = {"approve": "good", "reject": "bad", "rollback": "warn"}


def decision(decided: Decision, history: Iterable[Decision]) -> list[Any]:
    """Draw a decision, its evidence, and the decisions before it (the newest first)."""
    scores = [
        {"Metric": metric_name(name), "On the holdout, with its 95% interval": str(Score(**score))}
        for name, score in decided.evidence["scores"].items()
    ]
    before = [
        {
            "When": cards.moment(past.at),
            "Decision": WORDS[past.decision].lower(),
            "Bundle": past.digest[:12],
            "By": past.reviewer,
            "Reason": past.reason,
            "ReviewFlow run": (past.run or "").rpartition("/")[2],
        }
        for past in reversed(list(history))
    ]
    return [
        *cards.headline(
            MOODS[decided.decision],
            f"{WORDS[decided.decision]}: {decided.digest[:12]}",
            f"By **{decided.reviewer}**: {decided.reason}",
        ),
        cards.facts(
            {
                "problem": decided.problem,
                "digest": decided.digest,
                "at": cards.moment(decided.at),
                "champion before": decided.champion_before,
                "champion now": decided.champion,
            }
        ),
        *cards.section("Evidence"),
        cards.facts({name: value for name, value in decided.evidence.items() if name != "scores"}),
        cards.table(scores),
        *cards.section("History"),
        cards.table(before),
    ]
