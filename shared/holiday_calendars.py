"""Calendars of holidays, by the name of a country or of a part of one: `US`, `US-NY`, `DE-BY`."""

import difflib
from datetime import date
from functools import cache

# Of the countries that there are, or of one's parts, so many are named.
MOST_NAMED = 5
# The longest code of a country or of a part of one, as `GB-SCT` has it: what is longer is a name.
LONGEST_CODE = 3


def checked_calendar(name: str) -> str:
    """Return the name of a calendar that there is; raises `ValueError` with the nearest otherwise.

    Where the library is not installed, as beside a server, which asks for no holiday, any is taken.
    """
    try:
        import holidays
    except ImportError:
        return name
    if len(several := name.replace(",", " ").split()) > 1:
        raise ValueError(f"one calendar is taken, not several: give {several[0]!r}, for one")
    known = holidays.list_supported_countries()
    country, _, part = name.partition("-")
    if country not in known:
        raise ValueError(
            f"no calendar of {country!r} is known{_nearest_country(country, [*known])}"
        )
    if "-" in name and part not in known[country]:
        raise ValueError(f"{country} has no part {part!r}{_nearest(part, known[country])}")
    return name


@cache
def weekend(calendar: str) -> tuple[int, ...]:
    """Return the days of the week on which a calendar's country does not work; Monday is 0."""
    return tuple(sorted(_country(calendar, 1970).weekend))


@cache
def holidays_in(calendar: str, year: int) -> tuple[date, ...]:
    """Return the holidays of a year by a calendar, in their order."""
    return tuple(sorted(_country(calendar, year)))


def _country(calendar: str, year: int):  # type: ignore[no-untyped-def]
    import holidays

    country, _, part = calendar.partition("-")
    return holidays.country_holidays(country, subdiv=part or None, years=year)


def _nearest_country(name: str, known: list[str]) -> str:
    """Return what is said after a country that is not known: by its English name, or its code."""
    from holidays.registry import COUNTRIES

    codes = {module.replace("_", ""): codes[0] for module, (_, *codes) in COUNTRIES.items()}
    plain = "".join(filter(str.isalpha, name.casefold()))
    if close := difflib.get_close_matches(plain, codes, n=1, cutoff=0.75):
        return f"; did you mean {codes[close[0]]!r}?"
    return _nearest(name if len(name) <= LONGEST_CODE else "", known)


def _nearest(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name.upper(), known, n=1, cutoff=0.3)
    if close:
        return f"; did you mean {close[0]!r}?"
    if not known:
        return ": it has no parts"
    more = ", …" if len(known) > MOST_NAMED else ""
    return f"; give one such as {', '.join(known[:MOST_NAMED])}{more}"
