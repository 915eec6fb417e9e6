"""Names of a category that were exchanged: the order of them under which rows are the likeliest."""

import itertools
from collections.abc import Sequence

import numpy as np

# Of so many names any order is tried, and of those fewer rows than such a share have none.
MOST_NAMES, LEAST_SHARE = 6, 0.02
# What each name that is another one has to gain: so many times the logarithm of the rows.
WORTH = 3.0


def names_to_try(now: np.ndarray, before: np.ndarray) -> list[int]:
    """Return the places of names that may have been exchanged, by their shares; the last is others.

    Those whose shares have moved the most, and the most frequent ones.
    """
    moved, often = np.abs(now - before)[:-1], np.minimum(now, before)[:-1]
    by_move = [at for at in np.argsort(-moved, kind="stable")[: MOST_NAMES // 2] if moved[at] > 0]
    by_size = np.argsort(-often, kind="stable")
    found = list(dict.fromkeys([*by_move, *by_size]))[:MOST_NAMES]
    return sorted(int(at) for at in found if max(now[at], before[at]) >= LEAST_SHARE)


def likeliest_names(names: Sequence[str], costs: np.ndarray, rows: int) -> dict[str, str]:
    """Return the names that rows had before, by those that they have now, as far as these differ.

    `costs` are less twice the logarithm of the likelihood of all rows of a name, if they had
    another one: shape (names, names).
    """
    at, worth = np.arange(len(names)), WORTH * np.log(max(rows, 2))
    orders = [*itertools.permutations(range(len(names)))]
    totals = [costs[at, order].sum() + worth * (at != order).sum() for order in orders]
    best = orders[int(np.argmin(totals))]
    return {names[i]: names[j] for i, j in enumerate(best) if i != j}
