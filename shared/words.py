"""Numbers of things in words: one row, two rows."""

from collections.abc import Mapping

# So many names are enough to know what they are.
MOST_NAMES = 5


def number_of(count: int, one: str, more: str | None = None) -> str:
    """Return how many things there are: "1 row", "2 rows"; `more` is what several are called."""
    return f"{count:,} {one if count == 1 else more or f'{one}s'}"


def names_with_counts(counts: Mapping[str, int]) -> str:
    """Return the most frequent names, each with its count, and how many further ones there are."""
    ordered = sorted(counts, key=lambda name: (-counts[name], name))
    shown = ", ".join(f"{name!r} ({counts[name]:,})" for name in ordered[:MOST_NAMES])
    left = len(ordered) - MOST_NAMES
    return f"{shown}, and {left:,} more" if left > 0 else shown
