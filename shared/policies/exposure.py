"""Exposure: how unevenly items are shown, over all users and to each."""

import numpy as np


def gini(shown: np.ndarray) -> np.ndarray:
    """Return the Gini coefficient of how often items are shown: 0 if evenly, near 1 if one alone.

    `shown` has the items on its last axis, which the answer is without.
    """
    rising = np.sort(shown, axis=-1)
    items = rising.shape[-1]
    ranks = 2 * np.arange(1, items + 1) - items - 1
    return (ranks * rising).sum(axis=-1) / (items * np.maximum(rising.sum(axis=-1), 1))


def top_share(shown: np.ndarray, items: int) -> np.ndarray:
    """Return the share of all that is shown which the most shown items have, so many of them."""
    falling = -np.sort(-shown, axis=-1)[..., :items]
    return falling.sum(axis=-1) / np.maximum(shown.sum(axis=-1), 1)


def entropy(shown: np.ndarray) -> np.ndarray:
    """Return the entropy of what is shown in nats; its exponential is a number of items.

    Of `shown` with the items on its last axis, with the correction for few rows of Miller (Note on
    the bias of information estimates, 1955).
    """
    total = np.maximum(shown.sum(axis=-1, keepdims=True), 1)
    share = shown / total
    logs = np.log(np.where(share > 0, share, 1))
    return -(share * logs).sum(axis=-1) + ((shown > 0).sum(axis=-1) - 1) / (2 * total[..., 0])


def entropy_by_user(user: np.ndarray, item: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the entropy of what each user was shown, in nats, and of how many rows it is.

    Both of shape (users with rows,), without a correction: it is compared with itself over time.
    """
    items = int(item.max()) + 1 if len(item) else 1
    pairs, rows = np.unique(user * items + item, return_counts=True)
    _, owner = np.unique(pairs // items, return_inverse=True)
    total = np.bincount(owner, rows)
    return np.log(total) - np.bincount(owner, rows * np.log(rows)) / total, total


def favoured(shown: np.ndarray) -> np.ndarray:
    """Return which items are the fewest that had half of all that was shown; bool, (items,)."""
    order = np.argsort(-shown, kind="stable")
    reached = np.cumsum(shown[order]) - shown[order] < shown.sum() / 2
    chosen = np.zeros(len(shown), bool)
    chosen[order[reached]] = True
    return chosen
