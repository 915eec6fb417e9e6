"""Clicks of two groups of rows compared at equal positions (Mantel and Haenszel).

A first position is clicked more than a third, whatever stands there. So two groups are compared
within each position, and what they show is added up.
"""

import numpy as np


def click_ratio(clicks: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Return the logarithm of the ratio of clicks to expected ones in a group, over that outside.

    Both are of shape (…, 2, positions): outside, and in the group; the answer of (…,), NaN where a
    group has no clicks. With rows for what is expected it compares click rates. It is the rate
    ratio of Mantel and Haenszel (Rothman, Greenland and Lash, Modern Epidemiology, 2008, ch. 15).
    """
    total = expected.sum(axis=-2)
    total = np.where(total > 0, total, 1)
    inside = (clicks[..., 1, :] * expected[..., 0, :] / total).sum(axis=-1)
    outside = (clicks[..., 0, :] * expected[..., 1, :] / total).sum(axis=-1)
    known = (inside > 0) & (outside > 0)
    return np.log(np.where(known, inside, np.nan)) - np.log(np.where(known, outside, np.nan))


def pooled(sums: np.ndarray) -> np.ndarray:
    """Return sums without their positions, as one: shape (…, 2, 1)."""
    return sums.sum(axis=-1, keepdims=True)
