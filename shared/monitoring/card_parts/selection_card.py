"""The part of the summary card that shows which outcomes the model's own answers hide."""

from typing import Any

from shared import cards
from shared.kinds import metric_name
from shared.model.verdict import Verdict
from shared.monitoring.wording.selection_reasons import check_words
from shared.tasks.binary.selective_labels import WindowSelection

Components = list[Any]


def selection(verdict: Verdict) -> Components:
    """Draw what is never seen, and what the rows let through say of all; nothing without action."""
    now, found = verdict.selection, verdict.selection_check
    if now is None:
        return []
    text = (
        "Rows that the model acts on never get an outcome. Those let through by chance stand for "
        "them: below, rows count by 1 over their propensity. Quality above is of the rows that "
        "were seen, beside what the probabilities of these say; their slices are not judged."
    )
    if not now.declared:
        text = (
            "Rows that the model acts on never get an outcome, and none is let through by chance: "
            "quality is of the other rows alone, and of these it cannot be seen. `[action] "
            "let_through` changes that."
        )
    said = check_words(found) if found else None
    rows = [
        {"Metric": metric_name(name), "Of all rows": str(score)}
        for name, score in now.scores.items()
    ]
    return [
        *cards.section("Selective labels", text),
        cards.facts(_facts(now) | {"what the model says of rows let through": said}),
        *([cards.table(rows)] if rows else []),
    ]


def _facts(now: WindowSelection) -> dict[str, Any]:
    value, low, high = now.share or (None, None, None)
    return {
        "rows": now.rows,
        "outcomes never seen": f"{now.acted - now.overruled:,} ({now.hidden_share:.1%})",
        "outcomes in spite of an action": now.overruled or None,
        "let through by chance": f"{now.let_through:,} (a share of {now.declared:g} is declared)",
        "of these with an outcome": now.seen,
        "true among the outcomes seen": None if now.naive is None else f"{now.naive:.1%}",
        "true among all rows": (
            f"{value:.1%} (95 % interval {low:.1%} to {high:.1%})" if now.share else None
        ),
    }
