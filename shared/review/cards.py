"""The decision card: what was decided about which bundle, on what evidence, after what history."""

from collections.abc import Iterable
from typing import Any

from shared import cards
from shared.model.decision import Decision
from shared.tasks.metrics import metric_name

WORDS = {"approve": "Approved", "reject": "Rejected", "rollback": "Rolled back"}
MOODS = {"approve": "good", "reject": "bad", "rollback": "warn"}


def decision(decided: Decision, history: Iterable[Decision]) -> list[Any]:
    """Draw a decision, its evidence, and the decisions before it (the newest first)."""
    scores = [
        {"Metric": metric_name(name), "Holdout": s["value"], "Low": s["low"], "High": s["high"]}
        for name, s in decided.evidence["scores"].items()
    ]
    before = [
        {
            "When": past.at[:19],
            "Decision": past.decision,
            "Bundle": past.digest[:12],
            "By": past.reviewer,
            "Reason": past.reason,
            "Run": past.run,
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
                "at": decided.at,
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
