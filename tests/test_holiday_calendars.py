"""Calendars: a known one is taken, an unknown one refused with the nearest."""

import sys
from datetime import date

import pytest

from shared.errors import Refusal
from shared.holiday_calendars import checked_calendar, holidays_in, weekend
from shared.settings import Settings
from shared.settings_reading import typed_settings


def test_holidays_are_those_of_a_country_and_of_its_part() -> None:
    epiphany, independence = date(2024, 1, 6), date(2024, 7, 4)
    assert independence in holidays_in("US", 2024)
    assert epiphany in holidays_in("DE-BY", 2024)
    assert not {epiphany, independence} & {*holidays_in("DE", 2024)}


def test_a_weekend_is_that_of_the_country() -> None:
    assert weekend("US") == (5, 6)
    assert weekend("IL") == (4, 5)


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("UX", "no calendar of 'UX' is known; did you mean '"),
        ("us", "no calendar of 'us' is known; did you mean 'US'?"),
        ("Germany", "no calendar of 'Germany' is known; did you mean 'DE'?"),
        ("NewZeland", "no calendar of 'NewZeland' is known; did you mean 'NZ'?"),
        ("Atlantis", "no calendar of 'Atlantis' is known; give one such as AF, AFG, "),
        ("", "no calendar of '' is known; give one such as AF, AFG, "),
        ("US-NYC", "US has no part 'NYC'; did you mean 'NY'?"),
        ("US-NY,US-CA", "one calendar is taken, not several: give 'US-NY', for one"),
        ("SG-1", "SG has no part '1': it has no parts"),
    ],
)
def test_an_unknown_calendar_is_refused_with_the_nearest(
    settings: Settings, name: str, complaint: str
) -> None:
    plain = settings.model_dump(mode="json")
    with pytest.raises(Refusal, match=f"^settings: monitor.holidays = '{name}': [noUS]") as refused:
        typed_settings({**plain, "monitor": {**plain["monitor"], "holidays": name}})
    assert complaint in str(refused.value)


def test_beside_a_server_without_the_library_any_calendar_is_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "holidays", None)
    assert checked_calendar("UX") == "UX"
