"""What is wrong with a column, what to do about it, and what is likely behind it, in words."""

from collections.abc import Sequence

from shared.monitoring.case import Case
from shared.monitoring.category_names import exchanged_words, new_names_words
from shared.monitoring.detection import Deviation
from shared.monitoring.equal_groups import equal_groups_words
from shared.monitoring.grain import grain_words
from shared.profiles import unseen_names
from shared.profiles.counting_plan import CategoryPlan, CountingPlan
from shared.profiles.counts import LOST
from shared.profiles.gram import HOUR
from shared.schema import arrow

# A feed is broken, not only odd, when so large a share of its rows is.
BROKEN = 0.5


def column_words(
    name: str, beside: Sequence[str], deviation: Deviation, case: Case
) -> tuple[str, str, str | None]:
    """Return what is wrong with a column, what to do, and what is likely behind it.

    Those `beside` it are missing in the same rows.
    """
    check = deviation.statistic.check
    if check == "missing":
        return _missing_words(name, beside, case)
    if check == "new" or (check == "spike" and _is_new_name(name, deviation, case)):
        return _new_words(name, case)
    if check in ("linear dependence", "dependence"):
        what, step = _dependence_words(name, case.baseline.plan)
        return what, step, equal_groups_words(name, case)
    what, step = WORDS[check]
    if check == "spike" and deviation.number >= BROKEN:
        what = "{name} is stuck"
    if name == case.baseline.plan.time:
        what = "rows arrive at other hours of the day"
        step = "Check whether rows are lost at some hours, or the clock is in another time zone."
    likely = grain_words(name, case) if check in ROUNDED else equal_groups_words(name, case)
    likely = exchanged_words(name, case) or likely
    return what.format(name=name), step.format(name=name), likely


# Checks that numbers pass where they are rounded otherwise.
ROUNDED = ("spike", "unseen", "values")
WORDS = {
    "spike": (
        "one value of {name} is far more frequent",
        "Check whether {name} is stuck, or filled in where it is missing.",
    ),
    "fewer": (
        "a frequent value of {name} has become rare",
        "Check whether rows with one value of {name} are lost, or sent elsewhere.",
    ),
    "unseen": (
        "{name} has values within its range that it never had before",
        "Check whether {name} has another unit, or is rounded differently.",
    ),
    "values": (
        "{name} has other values than before",
        "Check whether {name} has another unit, or is rounded differently.",
    ),
    "distance": (
        "{name} has shifted",
        "Look at {name} in the drift report: is it a new source, or the season?",
    ),
}


def _dependence_words(name: str, plan: CountingPlan) -> tuple[str, str]:
    """Name the columns that predict most of it; there are none where no tree predicted anything."""
    column = HOUR if name == plan.time else name
    others = next((d.others[:3] for d in plan.dependences if d.column == column), ())
    shown = ", ".join(plan.time if other == HOUR else other for other in others)
    what = f"{name} no longer fits the other columns" + (f" ({shown})" if shown else "")
    step = f"Check whether {name} still comes from the same rows: "
    return what, f"{step}{shown or 'the other columns'} point to other values."


def _missing_words(name: str, beside: Sequence[str], case: Case) -> tuple[str, str, None]:
    profile, before, at = case.profile, case.history, LOST.index("missing")
    lost = int(profile.counts[f"lost {name}"][at])
    named, be, its = (
        _listed([name, *beside]),
        "are" if beside else "is",
        "their" if beside else "its",
    )
    if lost == profile.size:
        step = f"Restore the feed of {named}: no row of the window has a value for {name}."
        return f"{named} {be} empty: {its} feed is lost", step, None
    share, once = lost / profile.size, before[f"lost {name}"][at] / before["rows"]
    more = "more" if share > once else "less"
    step = f"Check where {named} {'come' if beside else 'comes'} from: {more} of {name} is missing "
    step += "than in training."
    more = f"together {more}" if beside else more
    what = f"{named} {be} missing {more} often: in {share:.1%} of the rows (expected {once:.1%})"
    return what, step, None


def _listed(names: Sequence[str]) -> str:
    """Write names as a list in words: the first three, and how many more."""
    shown = [*names[:3], f"{len(names) - 3} more"] if len(names) > 4 else list(names)
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def _is_new_name(name: str, deviation: Deviation, case: Case) -> bool:
    """Tell whether the value that has become so frequent is one that history never had."""
    planned = case.baseline.plan[name] if name in case.baseline.plan.names else None
    sample = arrow.table(case.profile.sample)
    if not isinstance(planned, CategoryPlan) or name not in sample.column_names:
        return False
    return unseen_names.most_frequent(sample[name], planned).share >= deviation.number


def _new_words(name: str, case: Case) -> tuple[str, str, str | None]:
    unseen = case.profile.unseen.get(name, {})
    if not unseen:
        low, high = case.profile.extremes[name]
        step = f"Check whether {name} can have such values: the model has never seen them."
        return f"{name} is far outside its range ({low:g} to {high:g})", step, None
    often = sorted(unseen, key=lambda value: (-unseen[value], value))
    seen = ", ".join(often[:3])
    step = f"Check whether {name} has renamed or new categories: the model has never seen {seen}."
    return f"{name} has new categories ({seen})", step, new_names_words(name, often, case)
