"""Shares that can be at most so much, on a scale without an end.

A share of 0.9 that may vary twice as much, or has twice the time to grow, is not 1.8: no share
would be beyond that, though every row be wrong. What is small is on this scale as it is.
"""

import numpy as np

# What has no end, or is a logarithm already.
UNBOUNDED = ("linear dependence", "dependence", "clock", "volume", "silence")
# No share that leaves less than the exponential is told apart from one that leaves nothing.
FARTHEST = 4.0


def most_of(family: str) -> float:
    """Return the most that statistics of a family can be: infinite where there is no end to it."""
    if family.startswith(UNBOUNDED):
        return np.inf
    return 0.5 if family == "distance of numbers" else 1.0


def stretch(share: np.ndarray | float, most: np.ndarray | float) -> np.ndarray:
    """Return shares as logarithms of how little they leave of the most, in units of it."""
    bounded, most = np.isfinite(most), np.where(np.isfinite(most), most, 1.0)
    left = np.clip(1 - np.asarray(share) / most, np.exp(-FARTHEST), None)
    return np.where(bounded, -most * np.log(left), share)


def shrink(stretched: np.ndarray | float, most: np.ndarray | float) -> np.ndarray:
    """Return the shares that were stretched; the farthest are the most, which none is beyond."""
    bounded, most = np.isfinite(most), np.where(np.isfinite(most), most, 1.0)
    far = np.asarray(stretched) / most
    shares = np.where(far >= FARTHEST, 1.0, 1 - np.exp(-np.minimum(far, FARTHEST)))
    return np.where(bounded, most * shares, stretched)
