"""What a window's holidays leave unjudged, in words."""

import numpy as np

from shared.monitoring.case import Case
from shared.profiles.day_types import day_types
from shared.profiles.gram import DAY_SECONDS, WEEKDAYS
from shared.words import number_of


def holiday_notes(case: Case) -> list[str]:
    """Say which holidays the history cannot tell of, and where the settings name other ones."""
    return [*_unknown(case), *_other_calendar(case)]


def _unknown(case: Case) -> list[str]:
    calendar, days = case.baseline.plan.calendar, case.baseline.days
    if not calendar or not days or not case.start or not case.until:
        return []
    first, last = (int(at.timestamp() // DAY_SECONDS) for at in (case.start, case.until))
    # A window ends before the first moment that is not in it.
    last -= case.until.timestamp() % DAY_SECONDS == 0 and last > first
    types = day_types(np.arange(first, last + 1), calendar)
    unknown = int((types[types >= WEEKDAYS, None] == np.flatnonzero(~days.known)).sum())
    if not unknown:
        return []
    these = "it is" if unknown == 1 else "they are"
    return [
        f"The window has {number_of(unknown, 'holiday')} ({calendar}), and the model's history too "
        f"few such days to say what comes on one: {these} judged less sharply."
    ]


def _other_calendar(case: Case) -> list[str]:
    asked, learnt = case.monitor.holidays, case.baseline.plan.calendar
    if asked == learnt:
        return []
    return [
        f"The settings now ask for {_named(asked)}; the model's thresholds were learnt with "
        f"{_named(learnt)}. Train again to change them."
    ]


def _named(calendar: str | None) -> str:
    return f"the holidays of {calendar}" if calendar else "no holidays"
