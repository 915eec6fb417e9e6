"""One number that many outcomes are, which were others: 0 or -1 where none is known yet.

A model that learns it answers it; but a number may have become frequent in the world as well.
"""

import numpy as np

from shared.log_columns import OUTCOME
from shared.monitoring.case import Case
from shared.monitoring.outcomes.losses import Loss
from shared.words import in_form

# As many more of the outcomes than on the holdout have to be the one number, and so many standard
# errors more.
LEAST_MORE, SURELY = 0.05, 5.0


def filled_words(case: Case, lost: Loss) -> str | None:
    """Say which number outcomes are more often than on the holdout, where all of a loss is theirs.

    Without them errors have to be as they were. None where there is no such number.
    """
    rows, prediction = case.profile.sample, case.bundle.task.score_names[0]
    if not {OUTCOME, prediction} <= {*rows.columns}:
        return None
    known = rows[[OUTCOME, prediction]].astype("float64").dropna()
    before = case.bundle.reference()[case.bundle.contract.target].dropna().astype("float64")
    if known.empty or before.empty:
        return None
    values, counts = np.unique(known[OUTCOME], return_counts=True)
    value, share = float(values[counts.argmax()]), float(counts.max() / len(known))
    once = float((before == value).mean())
    chance = np.sqrt(share * (1 - share) / len(known) + once * (1 - once) / len(before))
    errors = (known[OUTCOME] - known[prediction]).abs()[known[OUTCOME] != value]
    is_theirs = errors.empty or errors.mean() <= lost.expected + lost.threshold
    if not is_theirs or share - once < max(LEAST_MORE, SURELY * chance):
        return None
    return f"{share:.1%} of them are {in_form(value, ',g')}, on the holdout {once:.1%}"
