"""Models that add up their features: what each one's value is worth, whatever the others are."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shared.frames import with_values

Scores = Callable[[pd.DataFrame], np.ndarray]
# So many rows are tried before others are asked, and so many are scored at once.
TRIED_ROWS = 32
CALL_ROWS = 1_000
# Of held-out rows as many count as make so many values with one feature of each moved.
MOST_CELLS = 4_000_000
# Sums in another order differ in the last digits.
TOLERANCE = 1e-9


@dataclass(frozen=True)
class AdditiveParts:
    """The parts of a model f(x) = c + g1(x1) + g2(x2) + …, each next to the mean of `rows` rows.

    `base` is the mean score, shape (scores,); `means` are the parts' means next to those of
    `first`, a row of one, shape (features, scores).
    """

    base: np.ndarray
    means: np.ndarray
    rows: int
    first: pd.DataFrame
    scores: Scores

    def contributions(self, inputs: pd.DataFrame) -> np.ndarray:
        """Return the parts of rows, shape (rows, features, scores), the Shapley values there."""
        return steps(inputs, self.first, self.scores) - self.means

    def add_up(self, contributions: np.ndarray, scores: np.ndarray) -> np.ndarray:
        """Tell of which rows parts sum to their scores, shape (rows, scores)."""
        return are_near(self.base + contributions.sum(axis=1), scores)


def additive_parts(held_out: pd.DataFrame, scores: Scores) -> AdditiveParts | None:
    """Return the parts of a model next to held-out rows; None for one that does not add up.

    Of many rows some count, evenly taken.
    """
    first, some = held_out.iloc[:1], held_out.iloc[:TRIED_ROWS]
    tried = scores(first) + steps(some, first, scores).sum(axis=1)
    if not are_near(tried, scores(some)).all():
        return None
    most = max(TRIED_ROWS, MOST_CELLS // held_out.shape[1] ** 2)
    rows = np.unique(np.linspace(0, len(held_out) - 1, min(most, len(held_out))).astype(int))
    sums = np.zeros((held_out.shape[1], tried.shape[1]))
    for at in range(0, len(rows), CALL_ROWS):
        sums += steps(held_out.iloc[rows[at : at + CALL_ROWS]], first, scores).sum(axis=0)
    means = sums / len(rows)
    # Of parts that add up, the mean score is the first row's and the parts' means.
    base = scores(first)[0] + means.sum(axis=0)
    return AdditiveParts(base, means, len(rows), first, scores)


def steps(inputs: pd.DataFrame, first: pd.DataFrame, scores: Scores) -> np.ndarray:
    """Return by how much each value of rows alone moves the score of the first row."""
    count = len(inputs)
    beside = first.loc[first.index.repeat(count)].reset_index(drop=True)
    moved = [
        scores(with_values(beside, {name: inputs[name].to_numpy()})) for name in map(str, inputs)
    ]
    return np.stack(moved, axis=1) - scores(first)[:, None]


def are_near(found: np.ndarray, scores: np.ndarray) -> np.ndarray:
    """Return of each row whether all its scores, shape (rows, scores), are found."""
    sizes = np.maximum(1.0, np.abs(scores).max(axis=1, keepdims=True))
    return (np.abs(found - scores) <= TOLERANCE * sizes).all(axis=1)
