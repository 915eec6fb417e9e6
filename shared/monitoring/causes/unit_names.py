"""Units in the names of columns: a number of pounds was never one of miles."""

import re

# What of conversions' words, and of columns' names, says which quantity a number is of. A speed is
# looked for before a length, as metres per second are no metres.
OF_WORDS = {
    "pressure": ("hectopascals", "mercury"),
    "speed": ("per hour", "per second", "knots"),
    "temperature": ("celsius", "fahrenheit", "kelvin"),
    "mass": ("kilograms", "pounds"),
    "length": ("metres", "miles", "feet", "inches"),
    "duration": ("minutes", "seconds"),
}
OF_NAMES = {
    "pressure": {"pressure", "hpa", "inhg", "mbar", "psi"},
    "speed": {"speed", "velocity", "mph", "kmh", "kph", "knots"},
    "temperature": {"temp", "temperature", "celsius", "fahrenheit", "kelvin", "degc", "degf"},
    "mass": {"lb", "lbs", "pound", "pounds", "kg", "kgs", "kilograms", "weight", "mass"},
    "length": {
        *("mile", "miles", "km", "kilometres", "kilometers", "metres", "meters", "feet", "ft"),
        *("inch", "inches", "mm", "cm", "distance", "length", "height", "width"),
    },
    "duration": {"duration", "minutes", "mins", "seconds", "secs", "hours"},
}


def may_be(words: str, name: str) -> bool:
    """Tell whether a column's name lets its numbers be converted as the words say.

    A name that says no quantity, and a conversion that is of none, rule nothing out.
    """
    quantity = next((q for q, said in OF_WORDS.items() if _has(words.casefold(), said)), None)
    parts = {part.casefold() for part in re.findall("[A-Z]?[a-z]+|[A-Z]+", name)}
    named = {q for q, said in OF_NAMES.items() if parts & said}
    return quantity is None or not named or quantity in named


def _has(words: str, said: tuple[str, ...]) -> bool:
    return any(each in words for each in said)
