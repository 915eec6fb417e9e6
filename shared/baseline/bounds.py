"""How far beyond the known ones the next of some numbers may be, at once and after some time."""

import numpy as np
from scipy import special

# Blocks that overlap by half are worth as many that do not.
OVERLAP = 1.5
# Of the largest of the other blocks; a smaller one says no more of how far they may differ.
LEAST_TIMES = 0.5
# What a growth may be by chance is added to it so many times.
ERRORS = 1.0


def prediction_bound(times: np.ndarray, rate: float) -> float:
    """Return what the next block passes with a chance of the `rate`; at least 1.

    A prediction bound of a log-normal distribution (Hahn and Meeker, Statistical Intervals, 1991,
    section 4.3), or the quantile of the blocks themselves where that is larger.
    """
    logs = np.log(np.maximum(times, LEAST_TIMES))
    n = len(logs) / OVERLAP
    reach = -special.stdtrit(max(n - 1, 1), rate) * np.sqrt(1 + 1 / n)
    bound = np.exp(logs.mean() + reach * logs.std(ddof=1))
    return float(max(1, bound, np.quantile(times, 1 - rate)))


def growth_with_gap(over: np.ndarray, gaps: np.ndarray, least: np.ndarray) -> np.ndarray:
    """Return by how much of itself the mean square may grow with a gap; (statistics, 2).

    The first is for each hour, as what wanders grows, the second for each hour squared, as what
    follows a trend does: of the two lines of least squares the one that fits better, and its error
    more. `over` and `gaps` have the shape (statistics, comparisons, blocks).
    """
    known = ~np.isnan(over[0])
    squares, hours = over[:, known] ** 2, gaps[:, known]
    found, left = np.zeros((len(over), 2)), np.zeros((len(over), 2))
    if not hours.any():
        return found
    blocks = max(over.shape[-1] / OVERLAP - 2, 1)
    for at, along in enumerate((hours, hours**2)):
        apart = along - along.mean(axis=1, keepdims=True)
        wide = (apart**2).sum(axis=1)
        slope = (squares * apart).sum(axis=1) / wide
        start = squares.mean(axis=1) - slope * along.mean(axis=1)
        left[:, at] = ((squares - start[:, None] - slope[:, None] * along) ** 2).mean(axis=1)
        error = np.sqrt(left[:, at] / wide * hours.shape[1] / blocks)
        found[:, at] = np.maximum(slope + ERRORS * error, 0) / np.maximum(start, least**2)
    return np.where(left == left.min(axis=1, keepdims=True), found, 0)
