"""What is wrong with a column, what to do about it, and what is likely behind it, in words."""

from collections.abc import Sequence

import numpy as np

from shared.monitoring.case import Case
from shared.monitoring.causes.categories.category_names import (
    exchanged_names,
    merged_names,
    new_names_words,
)
from shared.monitoring.causes.categories.foreign_names import foreign_words
from shared.monitoring.causes.numbers.part_rounding import part_rounded_words
from shared.monitoring.causes.numbers.stand_ins import stand_in_words
from shared.monitoring.input_checks.detection import Deviation
from shared.monitoring.input_checks.equal_columns import equal_column
from shared.monitoring.input_checks.equal_groups import equal_groups_words
from shared.monitoring.input_checks.grain import grain_words, is_coarser
from shared.monitoring.wording.telling import JOINT
from shared.profiles import unseen_names
from shared.profiles.counting_plan import CategoryPlan, CountingPlan, NumberPlan
from shared.profiles.counts import LOST
from shared.profiles.dependence import lost_share
from shared.profiles.gram import HOUR
from shared.schema import arrow
from shared.words import in_form, list_of, quoted_if_odd

# A feed is broken, not only odd, when so large a share of its rows is.
BROKEN = 0.5
# Of more columns than that, how many more there are is said.
MOST_LISTED = 4


def column_words(
    name: str,
    beside: Sequence[str],
    deviation: Deviation,
    more: Sequence[Deviation],
    case: Case,
) -> tuple[str, str, str | None]:
    """Return what is wrong with a column, what to do, and what is likely behind it.

    Those `beside` it are missing in the same rows; `more` is what has changed of it as well.
    """
    if other := equal_column(name, case):
        return _equal_words(name, other)
    if pair := exchanged_names(name, case):
        return _exchanged_words(name, *pair)
    if deviation.statistic.check in MOVED and (pair := merged_names(name, case)):
        return _merged_words(name, *pair)
    what, step, likely = _check_words(name, beside, deviation, case)
    # Of values that were rounded zeros are as frequent as all that were near 0.
    rounded = deviation.statistic.check in STUCK and is_coarser(name, case)
    in_part = part_rounded_words(name, case) if deviation.statistic.check in OF_DIGITS else None
    stands = stand_in_words(name, case) if deviation.statistic.check in OUTSIDE else None
    if in_part and not rounded:
        likely, step = in_part, COARSER[1].format(name=name)
    elif stands and not rounded:
        likely, step = stands
    new = deviation.statistic.check == "new" and name in case.profile.unseen
    # Rows of new categories are rows in others than before.
    named = [other for other in more if not (new and other.statistic.check == "distance")]
    also = [] if beside else [_short_words(name, other, case) for other in named]
    return f"{what}; it {list_of(also, MOST_LISTED)}" if also else what, step, likely


def _check_words(
    name: str, beside: Sequence[str], deviation: Deviation, case: Case
) -> tuple[str, str, str | None]:
    check = deviation.statistic.check
    if check == "missing":
        return _missing_words(name, beside, case)
    if check == "new" or (check == "spike" and _is_new_name(name, deviation, case)):
        return _new_words(name, case)
    if check in ("linear dependence", "dependence"):
        worse = check == "dependence" and float(lost_share(np.array(deviation.number))) >= WORSE
        what, step = _dependence_words(name, case.baseline.plan, worse)
        return what, step, equal_groups_words(name, case)
    what, step = WORDS[check]
    rounded = check in STUCK and is_coarser(name, case)
    if rounded:
        what, step = COARSER
    elif check in STUCK and deviation.number >= BROKEN:
        what = "{name} is stuck"
    if name == case.baseline.plan.time:
        what = "rows arrive at other hours of the day"
        step = "Check whether rows are lost at some hours, or the clock is in another time zone."
    likely = (
        grain_words(name, case) if rounded or check in ROUNDED else equal_groups_words(name, case)
    )
    return what.format(name=name), step.format(name=name), likely


# From such a lost share of its dependence on, a column's values have changed places or sign.
WORSE = 1.25
# Checks of categories that one which no longer comes fails.
MOVED = ("spike", "fewer", "distance")
# Checks that a number fails of which one value, far outside its range, has come.
OUTSIDE = ("new", "range", "spike", "lead", "distance", *JOINT)
# Checks that numbers pass where they are rounded otherwise.
ROUNDED = ("spike", "unseen", "values")
# Checks that tell of one value, which may be all that comes.
STUCK = ("spike", "lead")
# Checks that numbers fail which were rounded, in all rows or in a part of them.
OF_DIGITS = (*STUCK, "unseen", "values")
OFTEN = (
    "one value of {name} is far more frequent",
    "Check whether {name} is stuck, or filled in where it is missing.",
)
COARSER = (
    "values of {name} are rounded more than they were",
    "Check what feeds {name}: its values have lost their digits.",
)
WORDS = {
    "spike": OFTEN,
    "lead": OFTEN,
    "fewer": (
        "a frequent value of {name} has become rare",
        "Check whether rows with one value of {name} are lost, or sent elsewhere.",
    ),
    "range": (
        "most values of {name} are below or above all that history had",
        "Check whether {name} has another unit, or comes from elsewhere.",
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
        "Check whether {name} comes from a new source, or follows the season.",
    ),
}


def is_missing_less(name: str, case: Case) -> bool:
    """Say whether a column is missing less often than in its history."""
    if name not in case.baseline.plan.names:
        return False
    now, once = missing_shares(name, case)
    return now < once


def _short_words(name: str, deviation: Deviation, case: Case) -> str:
    check = deviation.statistic.check
    if check == "new" and name in case.profile.unseen:
        return "has new categories"
    if check != "missing":
        return SHORT[check]
    now, once = missing_shares(name, case)
    return f"is missing {'more' if now > once else 'less'} often ({now:.1%}, expected {once:.1%})"


SHORT = {
    "new": "has values outside its range",
    "range": "is mostly below or above all that it was",
    "unseen": "has values that it never had before",
    "values": "has other values",
    "spike": "has one value far more often",
    "lead": "has one value far more often",
    "fewer": "has one frequent value less often",
    "distance": "has shifted",
    "clock": "fits other hours",
    "linear dependence": "does not fit the other columns",
    "dependence": "does not fit the other columns",
}


def _equal_words(name: str, other: str) -> tuple[str, str, str]:
    step = f"Check where {name} comes from: it is filled from {other}, or both are from one source."
    return f"{name} has the same values as {other}", step, "in training they differ"


def _exchanged_words(name: str, one: str, other: str) -> tuple[str, str, str]:
    step = f"Ask whoever feeds {name} whether {one} and {other} changed places, and mend the feed."
    likely = "exchanged back, each is about as frequent as in training"
    return f"the names {one} and {other} of {name} look exchanged", step, likely


def _merged_words(name: str, gone: str, grew: str) -> tuple[str, str, None]:
    step = f"Check whether {gone} is called {grew} now, or its rows are lost or sent elsewhere."
    return f"{gone} of {name} no longer comes; {grew} grew by as much", step, None


def _dependence_words(name: str, plan: CountingPlan, worse: bool) -> tuple[str, str]:
    """Name the columns that predict most of it; there are none where no tree predicted anything.

    Values that fit `worse` than in any other order are not other rows', but other ones.
    """
    column = HOUR if name == plan.time else name
    others = next((d.others[:3] for d in plan.dependences if d.column == column), ())
    shown = ", ".join(plan.time if other == HOUR else other for other in others)
    if worse:
        fits = f"{name} fits {shown or 'the other columns'} worse than if it were shuffled"
        return fits, f"Check whether values of {name} are exchanged, such as yes and no, or turned."
    what = f"{name} no longer fits the other columns" + (f" ({shown})" if shown else "")
    step = f"Check whether {name} still comes from the same rows: {shown or 'the other columns'}"
    return what, f"{step} {'points' if len(others) == 1 else 'point'} to other values."


def _missing_words(name: str, beside: Sequence[str], case: Case) -> tuple[str, str, None]:
    share, once = missing_shares(name, case)
    named, be, its = (
        list_of([name, *beside], MOST_LISTED),
        "are" if beside else "is",
        "their" if beside else "its",
    )
    if share == 1:
        step = f"Restore the feed of {named}: no row of the window has a value for {name}."
        return f"{named} {be} empty: {its} feed is lost", step, None
    more = "more" if share > once else "less"
    step = f"Check where {named} {'come' if beside else 'comes'} from: {more} of {name} is missing "
    step += "than in training."
    more = f"together {more}" if beside else more
    what = f"{named} {be} missing {more} often: in {share:.1%} of the rows (expected {once:.1%})"
    return what, step, None


def missing_shares(name: str, case: Case) -> tuple[float, float]:
    """Return which share of the rows lack a column, in the window and in history."""
    at, before = LOST.index("missing"), case.history
    now = case.profile.counts[f"lost {name}"][at] / case.profile.size
    return float(now), float(before[f"lost {name}"][at] / before["rows"])


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
        step = f"Check whether {name} can have such values: the model has never seen them."
        return f"{name} is far outside its range: {_ranges(name, case)}", step, None
    often = sorted(unseen, key=lambda value: (-unseen[value], value))
    seen = ", ".join(map(quoted_if_odd, often[:3]))
    step = f"Check whether {name} has renamed or new categories: the model has never seen {seen}."
    foreign = foreign_words(name, often, case)
    likely, step = foreign or (new_names_words(name, often, case), step)
    return f"{name} has new categories ({seen})", step, likely


def _ranges(name: str, case: Case) -> str:
    """Write from where to where a number is in the window, and was in history."""
    planned, (low, high) = case.baseline.plan[name], case.profile.extremes[name]
    now = f"{in_form(low, 'g')} to {in_form(high, 'g')}"
    if not isinstance(planned, NumberPlan) or len(planned.edges) < 4:
        return now
    # Its first and last edges have room for what may come.
    first, last = planned.edges[1], planned.edges[-2]
    return f"{now} (history {in_form(first, 'g')} to {in_form(last, 'g')})"
