"""Groups that have the same values at the same times, as they had not in training: a wrong join."""

import itertools

import numpy as np
import pandas as pd

from shared.monitoring.case import Case
from shared.profiles.counting_plan import CategoryPlan, CountingPlan

# Groups of a category with more than these are not compared: there are too many pairs.
MOST_GROUPS = 10
# At so many times both groups have to be there, with so many different values.
FEWEST_TIMES, FEWEST_VALUES = 30, 10
# Of the times at which both are there: equal now, and not equal before.
EQUAL, UNLIKE = 0.95, 0.5


def equal_groups_words(name: str, case: Case) -> str | None:
    """Say which two groups have equal values of a column now; None if no such have."""
    plan, now, before = case.baseline.plan, case.profile.sample, case.bundle.reference()
    if name == plan.time or any(
        column not in rows for column in (name, plan.time) for rows in (now, before)
    ):
        return None
    for group in _groups(plan, name):
        if group in now and group in before:
            pair = newly_equal(now, before, plan.time, group, name)
            if pair:
                both = " and ".join(pair)
                return f"{name} is the same for {both} ({group}), as it was not in training"
    return None


def newly_equal(
    now: pd.DataFrame, before: pd.DataFrame, time: str, group: str, name: str
) -> tuple[str, str] | None:
    """Return the first two groups that have equal values at equal times now, and had not before."""
    today, once = (_by_time(rows, time, group, name) for rows in (now, before))
    known = [each for each in today.columns if each in once.columns]
    for one, other in itertools.combinations(known, 2):
        shares = [_equal(by_time[[one, other]].dropna()) for by_time in (today, once)]
        if shares[0] >= EQUAL and shares[1] <= UNLIKE:
            return str(one), str(other)
    return None


def _groups(plan: CountingPlan, name: str) -> list[str]:
    return [
        column.name
        for column in plan.columns
        if isinstance(column, CategoryPlan)
        and column.name != name
        and 2 <= len(column.categories) <= MOST_GROUPS
    ]


def _by_time(rows: pd.DataFrame, time: str, group: str, name: str) -> pd.DataFrame:
    """Return the first value of each group at each time."""
    known = rows[[time, group, name]].dropna().drop_duplicates([time, group])
    return known.pivot(index=time, columns=group, values=name)


def _equal(both: pd.DataFrame) -> float:
    """Return at what share of times two columns are equal; NaN where too little is known."""
    one, other = both.iloc[:, 0], both.iloc[:, 1]
    if len(both) < FEWEST_TIMES or one.nunique() < FEWEST_VALUES:
        return np.nan
    return float(np.mean(one.to_numpy() == other.to_numpy()))
