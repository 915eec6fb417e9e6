"""Units in the names of columns: a number of pounds was never one of miles."""

import re

# Letters of any language: of "âge" is left no word "ge".
WORD = re.compile(r"[A-Z]?[^\W\d_A-Z]+|[A-Z]+")
# What of conversions' words, and of columns' names, says which quantity a number is of. A speed and
# an area are looked for before a length: metres per second are no metres, nor are square ones.
OF_WORDS = {
    "pressure": ("hectopascals", "mercury"),
    "speed": ("per hour", "per second", "knots"),
    "temperature": ("celsius", "fahrenheit", "kelvin"),
    "mass": ("kilograms", "pounds"),
    "area": ("square",),
    "length": ("metres", "miles", "feet", "inches"),
    "duration": ("minutes", "seconds", "months", "days"),
}
OF_NAMES = {
    "pressure": {"pressure", "hpa", "inhg", "mbar", "psi"},
    "speed": {"speed", "velocity", "mph", "kmh", "kph", "knots"},
    "temperature": {"temp", "temperature", "celsius", "fahrenheit", "kelvin", "degc", "degf"},
    "mass": {"lb", "lbs", "pound", "pounds", "kg", "kgs", "kilograms", "weight", "mass"},
    "area": {"area", "sqft", "sqm", "acres", "hectares", "square"},
    "length": {
        *("mile", "miles", "km", "kilometres", "kilometers", "metres", "meters", "feet", "ft"),
        *("inch", "inches", "mm", "cm", "distance", "length", "height", "width"),
    },
    "duration": {
        *("duration", "minutes", "mins", "seconds", "secs", "hours", "days", "months"),
        *("years", "tenure", "age"),
    },
    # What none of the conversions is of.
    "share": {"share", "rate", "ratio", "percent", "percentage", "pct", "fraction", "probability"},
    "count": {"count", "number", "visits", "items", "quantity", "qty", "seats", "age", "year"},
    "money": {"price", "cost", "amount", "fare", "fee", "revenue", "salary"},
}


# Units by their words in conversions, and how columns' names write them.
UNITS = {
    "miles": {"mile", "miles", "mi"},
    "kilometres": {"km", "kilometres", "kilometers"},
    "feet": {"feet", "ft"},
    "metres": {"metres", "meters"},
    "inches": {"inch", "inches"},
    "pounds": {"lb", "lbs", "pound", "pounds"},
    "kilograms": {"kg", "kgs", "kilograms"},
    "miles per hour": {"mph"},
    "kilometres per hour": {"kmh", "kph"},
    "knots": {"knots"},
    "hectopascals": {"hpa", "mbar"},
    "square feet": {"sqft"},
    "square metres": {"sqm"},
    "days": {"days"},
    "months": {"months"},
    "years": {"years"},
    "inches of mercury": {"inhg"},
}


# A factor between this and one over it is one by which numbers grow without another unit.
SMALL = 2.0


def is_of(words: str, name: str) -> bool:
    """Tell whether a conversion is one of the unit that a column's name says its numbers have."""
    return _unit(words) in _units(name)


def may_be(words: str, name: str) -> bool:
    """Tell whether a column's name lets its numbers be converted as the words say.

    A name that says no quantity, and a conversion that is of none, rule nothing out. Numbers of
    months were none of days.
    """
    quantity, named, units = _quantity(words), _named(name), _units(name)
    if units and _unit(words) in UNITS and _unit(words) not in units:
        return False
    return quantity is None or not named or quantity in named


def is_of_quantity(words: str, name: str) -> bool:
    """Tell whether a conversion is one of the quantity that a column's name says."""
    return _quantity(words) in _named(name)


def is_likely(words: str, factor: float, name: str) -> bool:
    """Tell whether a number of such a name is likely to have been converted as the words say.

    By a small factor a number may have grown as well.
    """
    small = 1 / SMALL < factor < SMALL
    return is_of_quantity(words, name) if small else may_be(words, name)


def _unit(words: str) -> str:
    """Return the unit that numbers had, by a conversion's words."""
    return words.partition(" instead of ")[2].partition(":")[0]


def _units(name: str) -> set[str]:
    """Return the units that a column's name says its numbers have."""
    return {unit for unit, said in UNITS.items() if _parts(name) & said}


def _quantity(words: str) -> str | None:
    return next((q for q, said in OF_WORDS.items() if _has(words.casefold(), said)), None)


def _named(name: str) -> set[str]:
    return {q for q, said in OF_NAMES.items() if _parts(name) & said}


def _has(words: str, said: tuple[str, ...]) -> bool:
    return any(each in words for each in said)


def _parts(name: str) -> set[str]:
    return {part.casefold() for part in WORD.findall(name)}
