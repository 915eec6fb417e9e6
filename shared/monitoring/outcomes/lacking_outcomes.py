"""Outcomes that are due and have not come, beside how many of them mostly do."""

from collections.abc import Iterable
from datetime import datetime
from statistics import median
from typing import NamedTuple

from shared.model.verdict import Evidence, Reason, Verdict
from shared.monitoring.case import Case
from shared.monitoring.outcomes.quality import Quality
from shared.tasks.traits import UNANSWERED

# Of what mostly comes, fewer than so many are too few.
TOO_FEW = 0.5
# From so many earlier windows, the latest, it is learnt what mostly comes.
FEWEST_WINDOWS, MOST_WINDOWS = 2, 8
# The unit of every reason that outcomes lack.
OF_DUE = "of the outcomes due"


class Arriving(NamedTuple):
    """The share of the outcomes due that mostly comes, and by what that is known, in words."""

    share: float
    by: str


def arrived_share(quality: Quality, fewest: int) -> float | None:
    """Return how many of the outcomes that are due have come; None where few or none are due."""
    if quality.state in ("unscored", "no outcomes in the file") or quality.due < fewest:
        return None
    return quality.received / quality.due


def arriving_share(case: Case, earlier: Iterable[Verdict]) -> Arriving:
    """Return what came in the windows before this one; by the model's history, where few are known.

    Verdicts tell what had come when they were reached, as this one does. Labels may always come
    for a part of the rows, while a history has none but rows with labels.
    """
    latest: dict[str, float] = {}
    for old in sorted(earlier, key=lambda one: one.judged_at):
        ended = old.until and case.start and datetime.fromisoformat(old.until) <= case.start
        if ended and old.arrived is not None and old.source == case.scope.source:
            latest[str(old.until)] = old.arrived
    shares = [latest[until] for until in sorted(latest)][-MOST_WINDOWS:]
    if len(shares) >= FEWEST_WINDOWS:
        return Arriving(median(shares), f"{len(shares)} windows before")
    spans = [
        span.traits[UNANSWERED]
        for span in case.bundle.evaluation.varies
        if UNANSWERED in span.traits
    ]
    return Arriving(1 - spans[-1].mean if spans else 1.0, "history")


def lacking_reasons(
    quality: Quality, arriving: Arriving, fewest: int, added: Iterable[Evidence]
) -> list[Reason]:
    """Say that fewer than half as many outcomes have come as mostly do, where any have.

    What the evidence that was `added` up says of it already is not said again.
    """
    share = arrived_share(quality, fewest)
    said = any(one.trait == UNANSWERED and one.excess > 1 for one in added)
    if not share or said or share >= TOO_FEW * arriving.share:
        return []
    has = "has" if quality.received == 1 else "have"
    return [
        Reason(
            level="watch",
            stage="outcomes",
            what=f"only {quality.received:,} of the {quality.due:,} outcomes that are due {has} "
            f"arrived ({share:.0%}; {arriving.by} {arriving.share:.0%})",
            number=1 - share,
            threshold=1 - TOO_FEW * arriving.share,
            unit=OF_DUE,
            next_step="Check what feeds the outcomes: some may be lost. If they only take longer "
            "than outcome_delay_days of [monitor] says, raise it.",
        )
    ]
