"""What a window's holidays leave unjudged, in words."""

import numpy as np

from shared.monitoring.case import Case
from shared.profiles.day_types import HOLIDAY_AT_WEEKEND, HOLIDAY_AT_WORK, day_types
from shared.profiles.gram import DAY_SECONDS
from shared.words import number_of

# Holidays by their type of day.
WHEN = {HOLIDAY_AT_WORK: "on a working day", HOLIDAY_AT_WEEKEND: "at a weekend"}


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
    unknown = types[np.isin(types, np.flatnonzero(~days.known)) & np.isin(types, [*WHEN])]
    if not len(unknown):
        return []
    these = "it is" if len(unknown) == 1 else "they are"
    kinds = " and ".join(WHEN[of_type] for of_type in np.unique(unknown))
    return [
        f"The window has {number_of(len(unknown), 'holiday')} {kinds} ({calendar}), and the "
        f"model's history too few of these to say what comes on one: {these} judged less sharply."
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
