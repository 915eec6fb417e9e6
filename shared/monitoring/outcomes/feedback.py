"""What a window shows of the model's influence on its own data, beside the windows before it."""

from collections.abc import Iterable
from datetime import datetime

import numpy as np
import pandas as pd

from shared.model.verdict import Verdict
from shared.monitoring.case import Case
from shared.policies import feedback_checks, feedback_measures
from shared.policies.feedback_checks import FeedbackCheck
from shared.policies.feedback_measures import WindowFeedback
from shared.policies.impressions import even_weights
from shared.policies.training_weights import inverse_propensity

# Where less is decided by a model, there is no loop to look for.
LEAST_DECIDED = 0.01
SHOWN = ("position", "candidates", "propensity")


def read(case: Case) -> WindowFeedback | None:
    """Measure what a window's slates show; None where it has none whose outcomes have come."""
    rows = case.window.chosen
    if rows is None:
        return None
    return feedback_measures.measure(rows, case.bundle.digest, _weights(case))


def chosen_columns(case: Case) -> frozenset[str]:
    """Return the columns that are as the policy chose: items' features, and what is answered.

    That they are not as in history is its doing, and no fault of a feed. None where slates are
    chosen evenly.
    """
    items = case.bundle.items()
    if items is None or _decided_share(case) < LEAST_DECIDED:
        return frozenset()
    return frozenset({*map(str, items.columns), *case.baseline.plan.watched})


def tolerated(case: Case) -> float:
    """Return how far off outcomes may be from what is predicted, a logarithm, where a policy chose.

    What is chosen for its high chances has them too high by chance. Beyond what is tolerated a loop
    is proven, or the outcomes are not what they were.
    """
    return feedback_checks.TOLERANCE["favourites"] if chosen_columns(case) else 0.0


def _decided_share(case: Case) -> float:
    """Return how much of the rows policies decided; before outcomes come, of a sample of them."""
    rows, sample = case.window.chosen, case.profile.sample
    if rows is not None:
        return float(np.nan_to_num(rows.decided, nan=1.0).mean())
    if not {*SHOWN} <= {*sample}:
        return 0.0
    position, candidates, propensity = (
        pd.to_numeric(sample[name], errors="coerce").to_numpy("float64") for name in SHOWN
    )
    decided = np.clip(1 - even_weights(position, candidates, propensity), 0, 1)
    return float(np.nan_to_num(decided).mean()) if len(decided) else 0.0


def check(
    now: WindowFeedback | None, case: Case, earlier: Iterable[Verdict]
) -> tuple[FeedbackCheck, ...]:
    """Check a window beside those before it; nothing of one in which no model decided."""
    if now is None or now.decided_share < LEAST_DECIDED:
        return ()
    before = [old.feedback for old in windows_before(case, earlier) if old.feedback]
    return feedback_checks.check([*before, now], case.monitor.false_alarms)


def windows_before(case: Case, earlier: Iterable[Verdict]) -> list[Verdict]:
    """Return the latest verdict on each window of slates that ended before, the first first.

    Whichever bundle answered: a loop goes on from one to the next.
    """
    found: dict[str, Verdict] = {}
    for old in sorted(earlier, key=lambda one: one.judged_at):
        ended = old.until and case.start and datetime.fromisoformat(old.until) <= case.start
        if old.feedback and ended and old.source == case.scope.source:
            found[str(old.until)] = old
    return [found[until] for until in sorted(found)][-feedback_checks.BEFORE :]


def _weights(case: Case) -> np.ndarray | None:
    """Return the weights by which the next training would learn from the window's rows."""
    train, rows = case.settings.train, case.window.chosen
    if train.weights == "none" or rows is None or np.isnan(rows.propensity).all():
        return None
    return inverse_propensity(rows.propensity, train.clip)
