"""Outcomes that are lost by what they are: they lack where answers are high, or low, and come else.

How many come late or never is known of windows before; but what is lost anywhere is lost whatever
the answers are. Of outcomes that are lost for what they are, such as the large ones, those are
missing that were predicted so, and what comes in says that the model is biased.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd

from shared.log_columns import OUTCOME
from shared.model.verdict import Evidence, Reason
from shared.monitoring.case import Case
from shared.monitoring.outcomes import feedback
from shared.monitoring.outcomes.lacking_outcomes import OF_DUE, Arriving
from shared.monitoring.outcomes.losses import QUALITY_PART
from shared.monitoring.outcomes.quality import Quality
from shared.tasks.traits import UNANSWERED

# What lacks of outcomes of which next to all mostly come, if it is no trifle.
MOSTLY, LEAST_SHARE = 0.98, 0.05
# The highest answers are held against the lowest: a fifth of the rows each.
FIFTHS = 5
FEWEST_ROWS = 20


class _Place(NamedTuple):
    """Which shares lack of the rows with the lowest and the highest answers, and how surely."""

    column: str
    low: float
    high: float
    deviations: float


def lost_reasons(
    case: Case, quality: Quality, arriving: Arriving, added: Iterable[Evidence], said: bool
) -> list[Reason]:
    """Say that outcomes lack by what is answered, where next to all of them mostly come.

    What is `said` of lacking outcomes already, or by the evidence that was `added` up, is not said
    again.
    """
    said |= any(one.trait == UNANSWERED and one.excess > 1 for one in added)
    lacking = quality.due - quality.received
    # Where rows of the history lack theirs, it is not known of which answers they did.
    known = any(UNANSWERED in span.traits for span in case.bundle.evaluation.varies)
    if said or known or not quality.received or arriving.share < MOSTLY:
        return []
    if lacking < LEAST_SHARE * quality.due or case.window.selected or feedback.chosen_columns(case):
        return []
    found = _place(case)
    if found is None:
        return []
    lowest, highest = f"{found.low:.0%} of the lowest", f"{found.high:.0%} of the highest"
    sides = (highest, lowest) if found.high > found.low else (lowest, highest)
    return [
        Reason(
            level="watch",
            stage="outcomes",
            what=f"{lacking / quality.due:.1%} of the outcomes due have not come, and not any: "
            f"{' and '.join(sides)} fifth by {found.column}",
            number=lacking / quality.due,
            threshold=LEAST_SHARE,
            unit=OF_DUE,
            next_step="Check what feeds the outcomes: those of one kind may be lost. If they only "
            "take longer than outcome_delay_days of [monitor] says, raise it.",
            baseline=f"{arriving.by}: {arriving.share:.0%} came",
        )
    ]


def _place(case: Case) -> _Place | None:
    """Return the answer by which outcomes lack the most surely, if that is no chance."""
    from scipy import special

    rows = _due(case)
    names = [name for name in case.bundle.task.score_names if name in rows]
    found = max(
        (_by(rows, name) for name in names), key=lambda one: abs(one.deviations), default=None
    )
    rate = QUALITY_PART * case.baseline.false_alarms / max(len(names), 1)
    least = -float(special.ndtri(rate / 2))
    return found if found and abs(found.deviations) > least else None


def _due(case: Case) -> pd.DataFrame:
    """Return rows of the window's sample whose outcome has come or is due."""
    rows, contract = case.profile.sample, case.bundle.contract
    if not {OUTCOME, contract.time} <= {*rows}:
        return pd.DataFrame()
    delay = pd.Timedelta(days=case.monitor.outcome_delay_days)
    is_due = rows[contract.time] + delay <= pd.Timestamp(case.scope.due_at)
    return rows[is_due | rows[OUTCOME].notna()]


def _by(rows: pd.DataFrame, name: str) -> _Place:
    """Hold the ranks of rows without an outcome against those with one (Mann and Whitney 1947)."""
    known = rows[rows[name].notna()]
    lacks = known[OUTCOME].isna().to_numpy()
    ranks = known[name].rank().to_numpy("float64")
    few, others = int(lacks.sum()), int((~lacks).sum())
    spread = float(ranks.std()) if len(ranks) else 0.0
    if min(few, others) < FEWEST_ROWS or not spread:
        return _Place(name, 0.0, 0.0, 0.0)
    apart = float(ranks[lacks].mean() - ranks[~lacks].mean())
    error = spread * float(np.sqrt(1 / few + 1 / others))
    ends = ranks / len(ranks)
    low, high = lacks[ends <= 1 / FIFTHS], lacks[ends > 1 - 1 / FIFTHS]
    low_share, high_share = (float(one.mean()) if len(one) else 0.0 for one in (low, high))
    return _Place(name, low_share, high_share, apart / error)
