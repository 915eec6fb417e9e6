"""How far beyond the known ones the next of some numbers may be, at once and after some time."""

import numpy as np
from scipy import special

# Blocks that overlap by half are worth as many that do not.
OVERLAP = 1.5
# Of the largest of the other blocks; a smaller one says no more of how far they may differ.
LEAST_TIMES = 0.5
# What a growth may be by chance is added to it so many times, or taken off where it is to be sure.
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
    follows a trend does. `over` and `gaps` have the shape (statistics, comparisons, blocks).
    """
    slopes, starts = _lines(over**2, gaps, ERRORS)
    return slopes / np.maximum(starts, least[:, None] ** 2)


def slope_with_gap(squares: np.ndarray, gaps: np.ndarray) -> np.ndarray:
    """Return by how much mean squares surely grow for each hour of a gap, or each hour squared.

    Shapes (statistics, comparisons, blocks) and (statistics, 2).
    """
    return _lines(squares, gaps, -ERRORS)[0]


def _lines(squares: np.ndarray, gaps: np.ndarray, errors: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the slopes and the starts of lines of least squares along hours, and hours squared.

    Of the two lines the one that fits better, so many errors steeper; the other has no slope.
    """
    known = ~np.isnan(squares[0])
    found, hours = squares[:, known], gaps[:, known]
    slopes, starts, left = (np.zeros((len(squares), 2)) for _ in range(3))
    if not known.any() or not np.ptp(hours, axis=1).all():
        return slopes, starts
    blocks = max(squares.shape[-1] / OVERLAP - 2, 1)
    for at, along in enumerate((hours, hours**2)):
        apart = along - along.mean(axis=1, keepdims=True)
        wide = (apart**2).sum(axis=1)
        slope = (found * apart).sum(axis=1) / wide
        starts[:, at] = found.mean(axis=1) - slope * along.mean(axis=1)
        line = starts[:, at, None] + slope[:, None] * along
        left[:, at] = ((found - line) ** 2).mean(axis=1)
        error = np.sqrt(left[:, at] / wide * hours.shape[1] / blocks)
        slopes[:, at] = np.maximum(slope + errors * error, 0)
    return np.where(left == left.min(axis=1, keepdims=True), slopes, 0), starts
