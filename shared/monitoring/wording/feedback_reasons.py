"""A feedback loop as a reason, in words: what the model closes in on, and what to do about it."""

import math
from collections.abc import Sequence

from shared.model.verdict import Reason
from shared.policies.feedback_checks import FeedbackCheck
from shared.policies.feedback_measures import WindowFeedback
from shared.sections.answers import Explore
from shared.sections.training import Train
from shared.words import number_of

UNIT = "(logarithm of a ratio)"
# Evenly chosen rows are the rest.
NEARLY_ALL = 0.999


def feedback_reasons(
    checks: Sequence[FeedbackCheck], now: WindowFeedback | None, explore: Explore, train: Train
) -> list[Reason]:
    """Name a feedback loop by what proves most of it; nothing where nothing is proven."""
    proven = sorted((one for one in checks if one.proven), key=lambda one: -one.wrong / one.reach)
    if not proven or now is None:
        return []
    first = proven[0]
    return [
        Reason(
            level="watch",
            stage="feedback loop",
            what=f"the model closes in on what it shows: {feedback_words(first, now)}",
            check=first.name,
            number=first.wrong,
            threshold=first.reach,
            unit=UNIT,
            next_step=next_step(explore, train),
            baseline=f"from how users vary, over {number_of(first.windows, 'window')}",
        )
    ]


def feedback_words(one: FeedbackCheck, now: WindowFeedback) -> str:
    """Say what a check found, within a sentence."""
    times = f"{math.exp(abs(one.wrong)):.1f}"
    match one.name:
        case "favourites":
            shown = f"{number_of(now.half, 'item has', 'items have')} half of the places"
            return f"{shown}, and its favourites get {times} times fewer clicks than it says"
        case "explored":
            return (
                f"beside what was explored, its own choices get {times} times fewer clicks than "
                "it says"
            )
        case "positions":
            return (
                f"its favourites look {times} times better in the rows to learn from than they do "
                "at equal positions"
            )
    items, before = (f"{math.exp(number):.1f}" for number in (one.value, one.expected))
    whose = "each user is" if one.name == "variety of each user" else "users are"
    return f"{whose} shown as if of {items} items, before of {before}"


def next_step(explore: Explore, train: Train) -> str:
    """Say what there is to do that the settings do not do yet."""
    steps = []
    if train.weights == "none":
        steps.append('weigh the rows to learn from ([train] weights = "inverse_propensity")')
    if explore.by in ("none", "epsilon"):
        steps.append("explore more ([explore] share)")
        steps.append('spread what is shown ([explore] by = "softmax")')
    else:
        steps.append("spread what is shown more ([explore] temperature)")
    return f"{'; '.join(steps).capitalize()}. Then train again on the served rows."


def unknown_note(now: WindowFeedback | None) -> str | None:
    """Say that a loop cannot be seen where nothing was explored."""
    if now is None or "explored" in now.measured or now.decided_share == 0:
        return None
    why = (
        "nothing was explored ([explore])"
        if now.decided_share > NEARLY_ALL
        else f"{number_of(now.clicks, 'click')} are too few"
    )
    return f"Whether the model closes in on what it shows cannot be seen: {why}."
