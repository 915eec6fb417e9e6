"""Notes on holidays: which are judged less sharply, and whether the settings name others."""

from types import SimpleNamespace
from typing import cast

import pandas as pd

from shared.baseline.day_counts import DayCounts
from shared.monitoring.case import Case
from shared.monitoring.wording.holiday_notes import holiday_notes


def case(start: str, until: str, asked: str | None, learnt: str | None, dates: int) -> object:
    days = DayCounts(dates=(9,) * 7 + (dates, 0), rows=(90,) * 7 + (dates, 0), counts={})
    return SimpleNamespace(
        start=pd.Timestamp(start, tz="UTC"),
        until=pd.Timestamp(until, tz="UTC"),
        monitor=SimpleNamespace(holidays=asked),
        baseline=SimpleNamespace(plan=SimpleNamespace(calendar=learnt), days=days),
    )


def told(start: str, until: str, dates: int = 3) -> list[str]:
    return holiday_notes(cast(Case, case(start, until, "US", "US", dates)))


def test_a_holiday_of_which_history_has_too_few_is_told() -> None:
    few = "(US), and the model's history too few of these to say what comes on one"
    assert told("2024-01-01", "2024-01-08") == [
        f"The window has 1 holiday on a working day {few}: it is judged less sharply."
    ]
    assert told("2024-01-01 09:00", "2024-01-15 17:00") == [
        f"The window has 2 holidays on a working day {few}: they are judged less sharply."
    ]
    # It ends before the first moment of a holiday.
    assert told("2024-01-08", "2024-01-15") == []
    assert told("2024-01-01", "2024-01-08", dates=8) == []


def test_a_calendar_that_was_not_learnt_is_told() -> None:
    at = ("2024-01-08", "2024-01-15")
    assert holiday_notes(cast(Case, case(*at, "DE-BY", None, 0))) == [
        "The settings now ask for the holidays of DE-BY; the model's thresholds were learnt with "
        "no holidays. Train again to change them."
    ]
    assert holiday_notes(cast(Case, case(*at, None, "US", 8))) == [
        "The settings now ask for no holidays; the model's thresholds were learnt with the "
        "holidays of US. Train again to change them."
    ]
    assert holiday_notes(cast(Case, case(*at, None, None, 0))) == []
