"""The part of the summary card that shows the model's influence on its own data."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from shared import cards
from shared.model.verdict import Verdict
from shared.policies.feedback_checks import TOLERANCE, FeedbackCheck
from shared.policies.feedback_measures import NAMES, MeasureName, WindowFeedback

Components = list[Any]
MOST_TIMES, MOST_WINDOWS = 3.0, 12
WHAT: dict[MeasureName, str] = {
    "favourites": "favourites get fewer clicks than the model says, beside other items",
    "explored": "its own choices get fewer clicks than it says, beside explored rows",
    "positions": "favourites look better in rows to learn from than at equal positions",
    "variety": "all users are shown fewer different items than before",
    "variety of each user": "each user is shown fewer different items than before",
}


def feedback(verdict: Verdict, earlier: Sequence[Verdict]) -> Components:
    """Draw what slates show, beside the windows before; nothing without slates."""
    now = verdict.feedback
    if now is None:
        return []
    trail = [*_before(verdict, earlier), verdict][-MOST_WINDOWS:]
    text = (
        "A model that learns from what it showed itself may close in on a few items. Clicks are "
        "compared at equal positions; a check is proven beyond 1."
    )
    rows = [_row(one) for one in verdict.feedback_checks]
    return [
        *cards.section("Feedback loop", text),
        cards.facts(_facts(now)),
        *([cards.table(rows)] if rows else []),
        cards.picture(history(trail)),
    ]


def history(trail: Sequence[Verdict]) -> Any:
    """Return a figure of the windows: what is clicked, its concentration, checks in thresholds.

    The last window is rightmost.
    """
    figure, axes = cards.figure(10, 2.8, 3)
    seen = [(at, old.feedback) for at, old in enumerate(trail) if old.feedback]
    at = [at for at, _ in seen]
    axes[0].plot(at, [one.clicks / one.rows for _, one in seen], "o-", color=cards.ACCENT)
    axes[0].set_title("share that was clicked")
    axes[1].plot(at, [one.gini for _, one in seen], "o-", color=cards.ACCENT)
    axes[1].set_title("Gini of exposure")
    for name in NAMES:
        found = [
            (at, max(0.0, min(one.wrong / one.reach, MOST_TIMES)))
            for at, old in enumerate(trail)
            for one in old.feedback_checks
            if one.name == name
        ]
        if found:
            axes[2].plot(*zip(*found, strict=True), "o-", ms=3.5, label=name)
    axes[2].axhline(1, color=cards.INK, lw=0.8, ls=":")
    axes[2].set_ylim(0, MOST_TIMES + 0.1)
    axes[2].set_title(f"checks, in thresholds (cut at {MOST_TIMES:g})")
    cards.legend_beside(figure)
    for axis in axes[:2]:
        axis.set_ylim(bottom=0)
    for axis in axes:
        axis.set_xticks(range(len(trail)), [_day(old.until) for old in trail])
        axis.set_xlim(-0.5, len(trail) - 0.5)
    return figure


def _before(verdict: Verdict, earlier: Sequence[Verdict]) -> list[Verdict]:
    """Return the latest verdict on each earlier window of slates, the first first."""
    found = {
        old.until: old
        for old in sorted(earlier, key=lambda one: one.judged_at)
        if old.feedback and old.source == verdict.source and (old.until or "") < str(verdict.until)
    }
    return [found[until] for until in sorted(found, key=str)]


def _facts(now: WindowFeedback) -> dict[str, Any]:
    by = ", ".join(f"{name} {share:.0%}" for name, share in now.decided.items())
    return {
        "rows of slates, with an outcome": now.rows,
        "clicks": now.clicks,
        "items shown": now.items,
        "items that have half of the places": now.half,
        "Gini of exposure": now.gini,
        "decided by a policy, not by even chance": by,
    }


def _row(one: FeedbackCheck) -> dict[str, Any]:
    return {
        "Check": WHAT[one.name],
        "Proven": "yes" if one.proven else None,
        "Logarithm": one.wrong,
        "Threshold": one.reach,
        "Of it tolerated": TOLERANCE[one.name],
        "Windows": one.windows,
    }


def _day(until: str | None) -> str:
    if not until:
        return "?"
    end = datetime.fromisoformat(until)
    return f"{end:%-d %b}{cards.year_of_another(end)}"
