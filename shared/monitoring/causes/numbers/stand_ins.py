"""Stand-ins: one number, far from all that history had, that is written where there is no value."""

import numpy as np

from shared.monitoring.case import Case
from shared.profiles.counting_plan import NumberPlan
from shared.schema import arrow

# Beside numbers of nines alone, such as -999 and 9999.
PLAIN = {"-1", "0"}
FEWEST_NINES = 2
# With so large a share of what is beyond history's values, it is that number which has come.
ALONE = 0.9
# So many times as far away as history's values are from each other, no tail of them has it.
FAR = 10
# One such number alone may be a true one.
FEWEST_ROWS = 2


def stand_in_words(name: str, case: Case) -> tuple[str, str] | None:
    """Return which number is likely to stand for a missing value, and what to do; None if none."""
    planned, sample = case.baseline.plan.by_name.get(name), case.profile.sample
    if not isinstance(planned, NumberPlan) or name not in sample:
        return None
    (low, high), found = planned.span, arrow.numbers(arrow.table(sample[[name]])[name])[0]
    values, rows = np.unique(found[(found < low) | (found > high)], return_counts=True)
    most = rows.max(initial=0)
    if most < max(FEWEST_ROWS, ALONE * rows.sum()):
        return None
    value = float(values[rows.argmax()])
    if not _is_written_for_nothing(value) or not _is_apart(value, most, found, planned):
        return None
    step = f"Check what feeds {name}: a missing value is to come as null."
    return f"{value:.0f} mostly stands for a missing value", step


def _is_written_for_nothing(value: float) -> bool:
    text = f"{value:.0f}" if value.is_integer() else ""
    digits = text.removeprefix("-")
    return text in PLAIN or ({*digits} == {"9"} and len(digits) >= FEWEST_NINES)


def _is_apart(value: float, rows: int, found: np.ndarray, planned: NumberPlan) -> bool:
    """Say whether it does not go on where history's values ended, as one more of them would.

    It is farther from the outermost of few values than that is from the next, or, of many, in most
    of the rows that are there, or many times as far from them as they are apart.
    """
    if known := planned.values:
        below, above = 2 * known[0] - known[:2][-1], 2 * known[-1] - known[-2:][0]
        return len(known) > 1 and (value < below or value > above)
    low, high = planned.span
    if max(low - value, value - high) > FAR * (high - low):
        return True
    at_end = found < planned.edges[2] if value < planned.edges[1] else found >= planned.edges[-3]
    return bool(2 * rows > at_end.sum())
