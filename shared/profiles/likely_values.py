"""Which values a number is likely to have had, if history had gone on: those between its rare ones.

Of tenths of a degree in the cold, where history was seldom, some are missing by chance. A value
that lies among frequent ones, and never came, is another thing.
"""

import numpy as np

# So many places on either side of one tell how often values come there.
NEIGHBOURS = 5
# In float32, in which values are kept, and in shares of a step.
ERROR, OFF = 2e-7, 1e-3
# A place is empty by chance where that is likelier than this of all places together.
CHANCE = 0.05


def likely_values(distinct: np.ndarray, rows: np.ndarray, most: int) -> np.ndarray:
    """Return distinct values, rising, with the places between them that are empty by chance.

    Values are multiples of one step, with so many `rows` each; both of shape (values,), float32 and
    whole. Where they are no such multiples, or there are more than `most` places, none is added.
    """
    step = _step(distinct)
    if not step:
        return distinct
    places = np.rint(distinct / step).astype("int64")
    width = int(places[-1] - places[0]) + 1
    if width > most:
        return distinct
    held = np.zeros(width)
    np.add.at(held, places - places[0], rows)
    before, at = np.concatenate([[0.0], np.cumsum(held)]), np.arange(width)
    begins, ends = np.maximum(at - NEIGHBOURS, 0), np.minimum(at + NEIGHBOURS + 1, width)
    near = (before[ends] - before[begins]) / (ends - begins)
    # So many rows at a place, on average, are none by chance as often as in a Poisson process.
    empty = (held == 0) & (np.exp(-near) * width > CHANCE)
    added = np.round((np.flatnonzero(empty) + places[0]) * step, 9).astype("float32")
    return np.union1d(distinct, added)


def _step(distinct: np.ndarray) -> float:
    """Return the step that values are multiples of; 0 where they are of none."""
    if len(distinct) < 2:
        return 0.0
    apart = np.diff(distinct.astype("float64"))
    step = float(f"{np.median(apart[apart < 1.5 * apart.min()]):.3g}")
    if not step > 0:
        return 0.0
    times = distinct.astype("float64") / step
    error = OFF + ERROR * np.abs(times)
    return step if (np.abs(times - np.rint(times)) <= error).all() and error.max() < 0.1 else 0.0
