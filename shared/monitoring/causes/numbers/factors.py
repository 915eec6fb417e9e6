"""By which factor a number was multiplied: its size, how sure that is, and which ones it may be.

It is the factor under which a window's values, divided by it, are the most likely: by how often
history had such values, and by how well they then fit the other columns.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from shared.monitoring.causes.transformations import BACK, FACTORS
from shared.profiles.counting_plan import NumberPlan

# Factors are tried around the ratio of the medians: far and wide first, and then close by.
WIDE, CLOSE = np.linspace(-0.6, 0.6, 121), np.linspace(-0.03, 0.03, 61)
FINER = 0.015
RESAMPLES = 60
# A factor may be another one when it is so many errors away, and no sharper than so much.
ERRORS, LEAST_ERROR = 3.0, 0.0125
# Nearer to 1 it may be a plain change of size, but for the unit that a column's name says.
SURELY_NAMED = 4.0
# How far a factor's logarithm is tried that moves all values as far as ordinary spans were.
SIZES = np.linspace(0.01, 0.5, 50)
# The largest of some spans is so many standard errors off.
LARGEST = 2.0
# Below this error a factor is no other one that people round to, such as 1.5 for 1.609.
SHARP = 0.0225
# Beyond this error the factor is not known; and one nearer to 1 may be a plain change of size.
MOST_ERROR, SURELY = 0.2, 8.0
DECIMAL = frozenset(power for n in (1, 2, 3, 6) for power in (10.0**n, 1 / 10.0**n))
KNOWN = dict(FACTORS) | {1 / f: words for f, words in BACK}

# From factors, shape (factors,), to how unlikely each row is under them: shape (rows, factors).
Unlikelihood = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Factor:
    """A factor, and the standard error of its natural logarithm, as the window's rows tell.

    So much more may be off as the sizes of ordinary spans `wander`.
    """

    value: float
    error: float
    wander: float = 0.0

    @property
    def known(self) -> dict[float, str]:
        """The factors between units that it may be, the nearest first, with their words.

        None where a plain change of size may have come out as near to one.
        """
        return self.known_from(SURELY)

    def known_from(self, surely: float) -> dict[float, str]:
        """Return the factors that it may be, if it is so many errors from 1."""
        if abs(np.log(self.value)) < surely * self._whole_error:
            return {}
        reach = ERRORS * max(self.error, LEAST_ERROR)
        apart = {factor: abs(np.log(factor / self.value)) for factor in KNOWN}
        near = sorted((f for f in KNOWN if apart[f] <= reach), key=lambda f: apart[f])
        return {factor: KNOWN[factor] for factor in near}

    @property
    def _whole_error(self) -> float:
        return float(np.hypot(self.error, self.wander))

    @property
    def between(self) -> tuple[float, float] | None:
        """Between which two factors it is, if it may well be another one that people round to.

        A point that is set elsewhere, as by ten or a thousand, is likelier than any size near it.
        """
        if self._whole_error <= SHARP or any(factor in DECIMAL for factor in self.known):
            return None
        return self.reach

    def denies(self, factor: float) -> bool:
        """Tell whether it is surely another factor, by the sizes of values."""
        apart = abs(float(np.log(factor / self.value)))
        return apart > SURELY_NAMED * max(self._whole_error, LEAST_ERROR)

    @property
    def reach(self) -> tuple[float, float]:
        """Between which two factors it is, by two errors."""
        apart = 2 * self._whole_error
        return float(self.value * np.exp(-apart)), float(self.value * np.exp(apart))


class OwnValues:
    """How unlikely a number's values are by how often history had such ones."""

    def __init__(self, plan: NumberPlan, counted: np.ndarray) -> None:
        """Take the counts of the plan's bins."""
        edges = np.array(plan.edges)
        span = max(float(np.ptp(edges)), 1e-300)
        # Next to 0 another number is nearer than any that can be divided by.
        widths = np.maximum(np.concatenate([[span], np.diff(edges), [span]]), 1e-300)
        self._edges = edges
        density = (counted + 0.5) / (counted.sum() + 0.5 * len(counted)) / widths
        self._unlikely = -2 * np.log(density)

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Return less twice the logarithm of the density at each value, in its shape."""
        return self._unlikely[np.searchsorted(self._edges, values, side="right")]

    def wander(self, distance: float) -> float:
        """Return by how much sizes vary, as a logarithm, where ordinary spans are so far.

        The `distance` is that of ranks, the largest of some spans: it is the size of the factor by
        which all of history's values would be as far from themselves.
        """
        inner, shares = self._edges, self._shares
        if not distance or len(inner) < 2:
            return 0.0
        below = np.concatenate([[0.0], np.cumsum(shares)])
        moved = np.array([np.interp(inner * np.exp(-size), inner, below) for size in SIZES])
        apart = np.abs(moved - below)
        far = (apart[:, 1:] + apart[:, :-1]) / 2 @ shares
        at = int(np.searchsorted(np.maximum.accumulate(far), distance))
        return float(SIZES[min(at, len(SIZES) - 1)]) / LARGEST

    @property
    def _shares(self) -> np.ndarray:
        """The share of history's values in each bin between its edges."""
        return np.exp(-self._unlikely[1:-1] / 2) * np.diff(self._edges)

    @property
    def middle(self) -> float:
        """The median of the absolute values other than 0 that history had, by its bins."""
        inner = self._edges
        shares = self._shares
        sizes = np.abs(np.where(inner[:-1] == 0, 0, (inner[:-1] + inner[1:]) / 2))
        order = np.argsort(sizes)
        order = order[sizes[order] > 0]
        if not len(order):
            return 0.0
        at = np.searchsorted(np.cumsum(shares[order]), shares[order].sum() / 2)
        return float(sizes[order][min(at, len(order) - 1)])


def estimate(values: np.ndarray, middle: float, unlikely: Unlikelihood) -> Factor | None:
    """Estimate the factor of a window's values, none of which is 0; None where it is not known.

    `middle` is the median of absolute values in history. The error is that of resampled rows.
    """
    first = float(np.median(np.abs(values))) / middle if middle and len(values) else 0.0
    if not first > 0 or not np.isfinite(first):
        return None
    found = _searched(first, WIDE, unlikely)
    if found.error < FINER:
        found = _searched(found.value, CLOSE, unlikely)
    return found if found.error <= MOST_ERROR else None


def _searched(middle: float, steps: np.ndarray, unlikely: Unlikelihood) -> Factor:
    rows = unlikely(middle * np.exp(steps))
    size = len(rows)
    weights = np.random.default_rng(0).multinomial(size, np.full(size, 1 / size), RESAMPLES)
    best = steps[np.argmin(weights @ rows, axis=1)]
    value = middle * np.exp(steps[np.argmin(rows.sum(axis=0))])
    return Factor(float(value), float(best.std()))
