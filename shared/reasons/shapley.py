"""Shapley values of a game, all of whose coalitions are known.

A coalition is a whole number: its bits say which players are in it.
"""

from collections.abc import Callable
from math import factorial

import numpy as np


def values(worths: np.ndarray) -> np.ndarray:
    """Return the Shapley values of games' players, shape (games, players).

    `worths`, shape (games, 2 ** players), are those of each coalition, of nobody first. A game's
    values sum to its last less its first (Shapley, 1953, A value for n-person games).
    """
    count = worths.shape[1].bit_length() - 1
    gains = np.empty((len(worths), count))
    if not count:
        return gains
    sizes = np.bitwise_count(np.arange(1 << (count - 1)))
    weights = np.array([_weight(size, count) for size in range(count)])[sizes]
    for player in range(count):
        halves = worths.reshape(len(worths), -1, 2, 1 << player)
        added = halves[:, :, 1] - halves[:, :, 0]
        gains[:, player] = added.reshape(len(worths), -1) @ weights
    return gains


def _weight(size: int, count: int) -> float:
    return factorial(size) * factorial(count - size - 1) / factorial(count)


def worths(dividends: np.ndarray) -> np.ndarray:
    """Return the worths of coalitions, each the sum of the dividends of all within it.

    The last axis has 2 ** players of them; what is given is written over.
    """
    total = dividends.shape[-1]
    for player in range(total.bit_length() - 1):
        halves = dividends.reshape(*dividends.shape[:-1], -1, 2, 1 << player)
        halves[..., 1, :] += halves[..., 0, :]
    return dividends


def scored(
    worths: np.ndarray, scores: Callable[[np.ndarray], np.ndarray], place: int
) -> np.ndarray:
    """Return one of the scores that coalitions' sums make.

    From the shape (games, sums, coalitions) to (games, coalitions).
    """
    games, sums, size = worths.shape
    found = scores(np.moveaxis(worths, 1, 2).reshape(-1, sums))
    return found[:, place].reshape(games, size)


def coalitions(count: int) -> np.ndarray:
    """Return which players are in each coalition: shape (2 ** count, count)."""
    return (np.arange(1 << count)[:, None] >> np.arange(count) & 1).astype(bool)
