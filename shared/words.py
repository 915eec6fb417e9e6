"""Things in words: how many there are, and the nearest to what was named."""

import difflib
from collections.abc import Collection, Mapping, Sequence

# So many names are enough to know what they are.
MOST_NAMES = 5
# A longer number is written with its power of ten.
LARGEST_IN_FULL = 1e9
# What ends a sentence or a part of it.
ENDS = (".", ",", ";", ":", ")")


def number_of(count: int, one: str, more: str | None = None) -> str:
    """Return how many things there are: "1 row", "2 rows"; `more` is what several are called."""
    return f"{count:,} {one if count == 1 else more or f'{one}s'}"


def in_form(number: float, form: str) -> str:
    """Return a number in a form, with all its digits where the form would have a power of ten."""
    short = format(number, form)
    if "e+" not in short or abs(number) >= LARGEST_IN_FULL:
        return short
    return f"{float(short.replace(',', '')):,.0f}"


def quoted_if_odd(value: str) -> str:
    """Return a text of the data as a sentence can hold it: in quotes where it would not be seen.

    It is not where it is empty, has what no terminal shows, or ends as a sentence does.
    """
    is_seen = value.isprintable() and value.strip() == value and not value.endswith(ENDS)
    return value if value and is_seen and ", " not in value else repr(value)


def names_with_counts(counts: Mapping[str, int]) -> str:
    """Return the most frequent names, each with its count, and how many further ones there are."""
    ordered = sorted(counts, key=lambda name: (-counts[name], name))
    shown = ", ".join(f"{name!r} ({counts[name]:,})" for name in ordered[:MOST_NAMES])
    left = len(ordered) - MOST_NAMES
    return f"{shown}, and {left:,} more" if left > 0 else shown


def nearest_name(name: str, known: Collection[str]) -> str:
    """Return what is said after a name that is not known: the nearest one that is, or all."""
    close = _nearest(name, known, 0.5)
    return f"; did you mean {close!r}?" if close else f"; known are {', '.join(sorted(known))}"


def nearest_names(names: Sequence[str], known: Collection[str]) -> str:
    """Return what is said after names of which only some are nearly known ones, if any is."""
    found = [repr(close) for name in names if (close := _nearest(name, known, 0.6))]
    return f"; did you mean {list_of(found)}?" if found else ""


def _nearest(name: str, known: Collection[str], cutoff: float) -> str:
    """Return the nearest of known names, whose case and blanks count least; or nothing."""
    by_letters = {each.strip().casefold(): each for each in sorted(known, reverse=True)}
    close = difflib.get_close_matches(name, sorted(known), n=1, cutoff=cutoff)
    return by_letters.get(name.strip().casefold(), close[0] if close else "")


def list_of(names: Sequence[str], most: int | None = None) -> str:
    """Write names as a list in words: the first `most` of more, and how many others there are."""
    shown = list(names if most is None else names[:most])
    if more := len(names) - len(shown):
        shown.append(f"{more} more")
    return " and ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))
