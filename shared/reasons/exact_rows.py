"""Exact contributions to a row's score, next to held-out rows: what all coalitions are worth.

A coalition is of features: those that are in it have the row's own values, all others those of a
held-out row.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shared.reasons import shapley

# A row is set beside so many held-out rows.
OTHERS = 100
# So many scores of coalitions are worked out for a row at most: of 16 features beside 100 rows.
MOST_SCORES = 8_000_000
# So many of them at once.
AT_ONCE = 500_000


@dataclass(frozen=True)
class ExactRow:
    """The mean score of `others` held-out rows, and what each feature adds, shape (features,)."""

    base: float
    amounts: np.ndarray
    others: int

    @property
    def sum(self) -> float:
        """What the base and all features make together."""
        return float(self.base + self.amounts.sum())


# Explains the score of a place of a model's input, a row of one, within so many seconds; None where
# it cannot.
ExactWay = Callable[[pd.DataFrame, int, float], ExactRow | None]
# Scores coalitions of players, shape (others, players), next to others at some places: one score of
# each, shape (others, 2 ** players).
Worths = Callable[[np.ndarray, np.ndarray], np.ndarray]


def others(held_out: pd.DataFrame) -> pd.DataFrame:
    """Return the held-out rows that a row is set beside, evenly taken."""
    return evenly(held_out, OTHERS)


def evenly(rows: pd.DataFrame, most: int) -> pd.DataFrame:
    """Return at most so many of rows, evenly taken."""
    places = np.linspace(0, len(rows) - 1, min(most, len(rows)))
    return rows.iloc[np.unique(places.astype(int))].reset_index(drop=True)


def of_coalitions(
    moves: np.ndarray,
    worths: Worths,
    seconds: float,
    most: int = MOST_SCORES,
    at_once: int = AT_ONCE,
) -> ExactRow | None:
    """Return what the scores of all coalitions make, next to other rows.

    `moves`, shape (others, features), says which features can move the score beside which row.
    None where there are more scores than `most`, or the first of them show that all would take
    longer than so many seconds.
    """
    sizes = moves.sum(axis=1)
    total = np.exp2(np.minimum(sizes, 64)).sum()
    if total > most:
        return None
    began, done, base, amounts = time.monotonic(), 0, 0.0, np.zeros(moves.shape[1])
    for places in _alike(sizes, at_once):
        players = np.nonzero(moves[places])[1].reshape(len(places), -1)
        found = worths(places, players)
        base += found[:, 0].sum()
        np.add.at(amounts, players, shapley.values(found))
        done += found.size
        if (time.monotonic() - began) * total / done > seconds:
            return None
    return ExactRow(float(base / len(moves)), amounts / len(moves), len(moves))


def _alike(sizes: np.ndarray, at_once: int) -> Iterator[np.ndarray]:
    """Yield the places of rows with as many players, those with the most first."""
    for size in np.unique(sizes)[::-1]:
        places = np.flatnonzero(sizes == size)
        count = max(1, at_once >> int(size))
        for start in range(0, len(places), count):
            yield places[start : start + count]
