"""Clicks of two groups of rows compared at equal positions (Mantel and Haenszel).

A first position is clicked more than a third, whatever stands there. So two groups are compared
within each stratum, such as a position in a window, and what they show is added up.
"""

from typing import NamedTuple

import numpy as np


class ClickRatio(NamedTuple):
    """How many times as often one group is clicked as the other: a logarithm, and its error."""

    log: float
    error: float


UNKNOWN = ClickRatio(np.nan, np.nan)


def stratum_sums(group: np.ndarray, stratum: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return sums of the rows' values, of shape (2, strata): of the rows outside and in a group."""
    strata = int(stratum.max()) + 1 if len(stratum) else 0
    places = group.astype("int64") * strata + stratum
    return np.bincount(places, values, 2 * strata).reshape(2, strata)


def click_ratio(clicks: np.ndarray, expected: np.ndarray) -> ClickRatio:
    """Return the ratio of clicks to expected ones in the group, over that outside.

    Both of shape (2, strata): outside, and in the group. `expected` may be rows instead, for a
    ratio of click rates. Rothman, Greenland and Lash, Modern Epidemiology, 2008, chapter 15: the
    rate ratio of Mantel and Haenszel, and its variance by Greenland and Robins (1985).
    """
    total = expected.sum(axis=0)
    known = total > 0
    clicks, expected, total = clicks[:, known], expected[:, known], total[known]
    inside = float((clicks[1] * expected[0] / total).sum())
    outside = float((clicks[0] * expected[1] / total).sum())
    if not (inside > 0 and outside > 0):
        return UNKNOWN
    variance = (clicks.sum(axis=0) * expected[0] * expected[1] / total**2).sum()
    return ClickRatio(float(np.log(inside / outside)), float(np.sqrt(variance / inside / outside)))
