"""What rows of new categories explain: columns that are as usual without them.

A new building has an area of its own, which no longer fits what was known of buildings: that it is
new is to be said first. What is wrong in its rows, such as amounts in cents, is said after it.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from shared.model.verdict import SERIOUS, Reason
from shared.monitoring.case import Case
from shared.monitoring.causes.rows.repeated_rows import counted, is_explained
from shared.monitoring.input_checks.detection import DriftDetector
from shared.profiles.counting_plan import CategoryPlan
from shared.schema import arrow

# Without more rows too few are left to say that a column is as usual.
MOST_ROWS = 0.5


def explained_columns(
    case: Case, detector: DriftDetector, blamed: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    """Return, of each category with new names, the columns to blame that are odd by its rows alone.

    None of them explains another one that explains it.
    """
    found: dict[str, tuple[str, ...]] = {}
    rows, laid = case.profile.sample, set[str]()
    new = {name: _new_rows(name, case) for name in blamed} if len(blamed) > 1 else {}
    new = {name: those for name, those in new.items() if 0 < those.mean() <= MOST_ROWS}
    if not new:
        return found
    before = detector.measure(counted(rows, detector), case.hours)
    beyond = [deviation for deviation in before.values() if deviation.beyond]
    for name, those in new.items():
        if name in laid:
            continue
        after = detector.measure(counted(rows[~those], detector), case.hours)
        left = {d.statistic.column for d in beyond if not is_explained(d, after)}
        odd = {d.statistic.column for d in beyond}
        if others := [one for one in blamed if one in odd - left - {name, *found}]:
            found[name] = tuple(others)
            laid |= {*others}
    return found


def _new_rows(name: str, case: Case) -> np.ndarray:
    """Return which rows of the sample have a name of a category that history never had."""
    planned, sample = case.baseline.plan.by_name.get(name), case.profile.sample
    if not isinstance(planned, CategoryPlan) or name not in sample or not len(sample):
        return np.zeros(1, "bool")
    codes, missing = arrow.codes(arrow.table(sample[[name]])[name], planned.categories)
    return np.asarray((codes == len(planned.categories)) & ~missing)


def with_new_first(
    reasons: Sequence[Reason], explained: Mapping[str, tuple[str, ...]]
) -> list[Reason]:
    """Return the reasons with a new category before, and as serious as, those that it explains."""
    ordered = [*reasons]
    for name, others in explained.items():
        own = next((reason for reason in ordered if reason.column == name), None)
        laid = [reason for reason in ordered if reason.column in others]
        if own is None or not laid:
            continue
        at = min(ordered.index(reason) for reason in (own, *laid))
        level = min((reason.level for reason in (own, *laid)), key=SERIOUS.index)
        ordered = [_laid_to(name, one) if one in laid else one for one in ordered if one is not own]
        ordered.insert(at, own.model_copy(update={"level": level}))
    return ordered


def _laid_to(name: str, reason: Reason) -> Reason:
    said = f"without the rows of new categories of {name}, {reason.column} is as usual"
    likely = "; ".join(filter(None, (reason.likely_cause, said)))
    return reason.model_copy(update={"likely_cause": likely})
