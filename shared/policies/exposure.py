"""Exposure: how unevenly items are shown, over all users and to each."""

import numpy as np


def gini(shown: np.ndarray) -> np.ndarray:
    """Return the Gini coefficient of how often items are shown: 0 if evenly, near 1 if one alone.

    `shown` has the items on its last axis, which the answer is without. NaN where none is shown.
    """
    rising = np.sort(shown, axis=-1)
    items = rising.shape[-1]
    ranks = 2 * np.arange(1, items + 1) - items - 1
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((ranks * rising).sum(axis=-1) / (items * rising.sum(axis=-1)))


def fewest_for_half(shown: np.ndarray) -> int:
    """Return how many items, the most shown ones, had half of all that was shown; (items,)."""
    falling = -np.sort(-shown)
    return int((np.cumsum(falling) - falling < shown.sum() / 2).sum())


def same_pairs(shown: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how many pairs of rows show the same item, and how many there are.

    `shown` has the items on its last axis, which the answers are without.
    """
    rows = shown.sum(axis=-1)
    return (shown * (shown - 1)).sum(axis=-1) / 2, rows * (rows - 1) / 2


def pair_entropy(same: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Return the collision entropy in nats; its exponential is an effective number of items.

    It is Rényi's (On measures of entropy and information, 1961) of order 2: less the logarithm of
    the chance that two rows show the same item. Pairs have no bias for few rows, as the entropy of
    Shannon has, so that windows of any size can be compared. NaN without such pairs.
    """
    chance = np.divide(same, pairs, out=np.full(np.shape(same), np.nan), where=pairs > 0)
    return -np.log(np.where(chance > 0, chance, np.nan))
