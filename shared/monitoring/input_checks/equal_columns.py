"""Columns that have the same values, as they had not in training: one was filled from the other."""

import numpy as np
import pandas as pd

from shared.monitoring.case import Case

# In so many rows both have to be known, with so many different values.
FEWEST_ROWS, FEWEST_VALUES = 30, 3
# Of the rows: equal now, and not equal before.
EQUAL, UNLIKE = 0.95, 0.5
# So many rows tell that most columns are not equal.
FIRST_ROWS = 200


def equal_column(name: str, case: Case) -> str | None:
    """Return the column that has the same values as this one now; None if none has."""
    plan, now, before = case.baseline.plan, case.profile.sample, case.bundle.reference()
    watched = {name, *plan.watched} if name not in plan.watched else {*plan.names}
    names = [n for n in plan.names if n in now and n in before and n not in watched]
    if name not in now or name not in before:
        return None
    return next((other for other in names if _is_equal(now, before, name, other)), None)


def _is_equal(now: pd.DataFrame, before: pd.DataFrame, name: str, other: str) -> bool:
    if _equal(now.head(FIRST_ROWS), name, other) >= EQUAL / 2:
        return _equal(now, name, other) >= EQUAL and _equal(before, name, other) <= UNLIKE
    return False


def _equal(rows: pd.DataFrame, name: str, other: str) -> float:
    """Return in what share of the rows two columns are equal; NaN where too little is known."""
    one, two = (rows[each].to_numpy(object) for each in (name, other))
    known = ~(pd.isna(one) | pd.isna(two))
    if known.sum() < FEWEST_ROWS or len(pd.unique(one[known])) < FEWEST_VALUES:
        return float("nan")
    return float(np.mean(one[known] == two[known]))
