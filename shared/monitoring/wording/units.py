"""Units: what is held against a threshold, as a reader of a card or a line takes it in.

A unit's words follow the number. Those of a share begin with "of": it is written in percent.
"""

import math
from collections.abc import Callable

import numpy as np

from shared.baseline.statistics import Check, Statistic
from shared.profiles.counting_plan import CategoryPlan, CountingPlan
from shared.profiles.dependence import lost_share
from shared.profiles.gram import HOUR
from shared.words import in_form

THREE_DIGITS = ".3g"
SHARE_OF_ROWS = "of rows"
MORE_ROWS = "times as many rows as expected"
FEWER_ROWS = "times fewer rows than expected"
FARTHER = "times as far as before from what the other columns predict"
LOST_DEPENDENCE = "of its dependence on the other columns lost"
UNITS: dict[Check, str] = {
    "missing": "of rows (change in the missing rate)",
    "unreadable": SHARE_OF_ROWS,
    "new": SHARE_OF_ROWS,
    "range": SHARE_OF_ROWS,
    "unseen": SHARE_OF_ROWS,
    "spike": "of rows (gained by one value)",
    "lead": "of rows (gained by one value more than by any other)",
    "fewer": "(effect size, Cohen's w)",
    "values": "of values differ from history (total variation)",
    "distance": "of the ranking (average shift of a value)",
    "linear dependence": FARTHER,
    "dependence": LOST_DEPENDENCE,
    "clock": "likelier, as a logarithm for each row, with its time at another hour",
    "volume": MORE_ROWS,
    "silence": "of a normal day's rows were due while none arrived",
}
HOURS_MOVED = "of rows at other hours than before (total variation)"
CATEGORIES_MOVED = "of rows in other categories than before (total variation)"
# What statistics measure as logarithms, or less 1, so that 0 is no change.
SCALES: dict[str, Callable[[float], float]] = {
    MORE_ROWS: math.exp,
    FEWER_ROWS: math.exp,
    FARTHER: lambda number: 1 + number,
    LOST_DEPENDENCE: lambda number: float(lost_share(np.array(number))),
}


def unit_of(statistic: Statistic, plan: CountingPlan) -> str:
    """Return the unit of a statistic: how far a column is away depends on its kind."""
    if statistic.check == "distance":
        if statistic.column == HOUR:
            return HOURS_MOVED
        if isinstance(plan[statistic.column], CategoryPlan):
            return CATEGORIES_MOVED
    return UNITS[statistic.check]


def number_in(unit: str, number: float) -> str:
    """Return a number as it is written in a unit, to three digits, without the unit's words."""
    number = SCALES[unit](number) if unit in SCALES else number
    if unit.startswith("of "):
        return f"{in_form(100 * number, THREE_DIGITS)}%"
    return in_form(number, THREE_DIGITS)


def in_words(unit: str, number: float) -> str:
    """Return a number with its unit."""
    return f"{number_in(unit, number)} {unit}"
