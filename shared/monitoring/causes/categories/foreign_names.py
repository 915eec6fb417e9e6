"""New names of a category that are none: those of another column, or what stands for nothing."""

from collections.abc import Sequence

from shared.monitoring.case import Case
from shared.profiles.counting_plan import CategoryPlan
from shared.sections.columns import TEXTS_FOR_NOTHING


def foreign_words(name: str, often: Sequence[str], case: Case) -> tuple[str, str] | None:
    """Return what new names, the most frequent first, are likely to be, and what to do."""
    if all(value.strip().casefold() in TEXTS_FOR_NOTHING for value in often):
        said = ", ".join(repr(value) for value in often)
        step = f"Check what feeds {name}: a missing value is to come as null."
        return f"{said} mostly stands for a missing value", step
    other = _owner(name, often, case)
    if other is None:
        return None
    theirs = case.profile.unseen.get(other, {})
    if theirs and {*theirs} <= {*_known(name, case)}:
        step = f"Ask whoever feeds {name} and {other} what changed, and change it back."
        return f"{name} and {other} look swapped: each has names that the other had", step
    return f"these are names of {other}", f"Check whether {name} is filled from {other}."


def _owner(name: str, often: Sequence[str], case: Case) -> str | None:
    """Return the column that all of the names are known of, where it had none of this one's."""
    own = {*_known(name, case)}
    for other in case.profile.unseen:
        theirs = {*_known(other, case)}
        if other != name and {*often} <= theirs and not own & theirs:
            return other
    return None


def _known(name: str, case: Case) -> tuple[str, ...]:
    planned = case.baseline.plan[name]
    return planned.categories if isinstance(planned, CategoryPlan) else ()
