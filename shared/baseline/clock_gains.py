"""How much likelier rows would be at another hour: what a clock that is off by whole hours shows.

Rows come at hours of the day as they did, and their columns depend on it as they did. Where both
fit the hours before or after better than their own, it is the clock that has moved.
"""

from collections.abc import Collection
from typing import NamedTuple

import numpy as np

from shared.profiles import gram
from shared.profiles.counting_plan import CountingPlan
from shared.profiles.counts import Counts
from shared.profiles.gram import HOUR, HOURS, STEPS, GramLayout

# By how many hours a clock may be late (above 0), or early.
SHIFTS = np.array([*range(1, 13), *range(-11, 0)])
# Waves are known from so many hours on, each with such a share of the rows.
FEWEST_HOURS, LEAST_SHARE = 2 * gram.HARMONICS + 1, 0.01


class ClockGains(NamedTuple):
    """How much likelier a row is, on average, with a clock turned back: logarithms, (..., shifts).

    By how many rows came in each hour, and by how well other columns fit the hour.
    """

    arrivals: np.ndarray
    columns: np.ndarray

    @property
    def total(self) -> np.ndarray:
        """The gain by both."""
        return self.arrivals + self.columns

    def most(self, due: Collection[int] = ()) -> np.ndarray:
        """Return by how much the best shift is likelier than none, or than one that is `due`."""
        total = self.total
        as_due = np.where(np.isin(SHIFTS, [*due]), total, 0.0).max(axis=-1)
        return np.asarray(total.max(axis=-1) - np.maximum(as_due, 0))


def clock_gains(now: Counts, before: Counts, plan: CountingPlan, inverse: np.ndarray) -> ClockGains:
    """Return what each of the `SHIFTS` undone gains, by the precision matrix of features before."""
    came, once = now[f"bins {HOUR}"], before[f"bins {HOUR}"]
    columns = _gains_of_columns(now["gram"], before["gram"], inverse, GramLayout(plan).groups[HOUR])
    # Of rows of next to one hour it is not known how columns follow it.
    hours = (once >= LEAST_SHARE * once.sum(axis=-1, keepdims=True)).sum(axis=-1)
    known = (hours >= FEWEST_HOURS)[..., None]
    return ClockGains(_gains_of_arrivals(came, once), np.where(known, columns, 0.0))


def columns_at_other_hours(
    now: np.ndarray, before: np.ndarray, hour: slice, column: slice
) -> np.ndarray:
    """Return how much likelier one column's values are at other hours, by Gram matrices."""
    places = np.array([0, *range(column.start, column.stop), *range(hour.start, hour.stop)])
    own, once = (each[np.ix_(places, places)] for each in (now, before))
    at = slice(len(places) - hour.stop + hour.start, len(places))
    return _gains_of_columns(own, once, gram.precision(once), at)


def information_of_hour(before: np.ndarray, hour: slice, column: slice) -> float:
    """Return how much the hour tells of a column's values, as a logarithm for each row.

    It is the mutual information of normal ones, by a Gram matrix.
    """
    own, waves = range(column.start, column.stop), range(hour.start, hour.stop)
    precisions = (
        gram.precision(before[np.ix_(places, places)])[1 : len(own) + 1, 1 : len(own) + 1]
        for places in ([0, *own], [0, *own, *waves])
    )
    alone, known = (np.linalg.slogdet(each).logabsdet for each in precisions)
    return float(known - alone) / 2


def _gains_of_arrivals(came: np.ndarray, once: np.ndarray) -> np.ndarray:
    shares = came / np.maximum(came.sum(axis=-1, keepdims=True), 1)
    likely = np.log((once + 0.5) / (once.sum(axis=-1, keepdims=True) + 0.5 * HOURS))
    hours = (np.arange(HOURS) - SHIFTS[:, None]) % HOURS
    return np.einsum("...h,...sh->...s", shares, likely[..., hours] - likely[..., None, :])


def _gains_of_columns(
    now: np.ndarray, before: np.ndarray, inverse: np.ndarray, at: slice
) -> np.ndarray:
    """Return how much better columns fit other hours, as normal ones around what hours predict.

    What hours predict is linear in their waves, of which another hour is a turn.
    """
    of_hour = np.array([0, *range(at.start, at.stop)])
    both = of_hour[:, None], of_hour
    moments = now[..., of_hour] / np.maximum(now[..., :1, :1], STEPS**2)
    once = before[..., *both] / np.maximum(before[..., :1, :1], STEPS**2)
    own, known = moments[..., of_hour, :], once + gram.RIDGE * np.eye(len(of_hour))
    block = inverse[..., *both]
    # Of the features' precision what is left without the hours' own (Schur's complement).
    apart = block - np.linalg.inv(known)
    pull = inverse[..., of_hour, :] @ moments - block @ own
    turned = _TURNS @ own[..., None, :, :] @ np.swapaxes(_TURNS, -1, -2)
    worth = (apart[..., None, :, :] * turned + 2 * pull[..., None, :, :] * _TURNS).sum((-1, -2))
    return np.asarray(worth[..., :1] - worth[..., 1:]) / 2


def _turns() -> np.ndarray:
    """Return the matrices that turn one and the waves of an hour into those so much earlier.

    The first turns nothing; shape (1 + shifts, waves, waves).
    """
    found = []
    for shift in (0, *SHIFTS):
        turn = np.eye(1 + 2 * gram.HARMONICS)
        for wave in range(gram.HARMONICS):
            angle = 2 * np.pi * (wave + 1) * shift / HOURS
            both = slice(2 * wave + 1, 2 * wave + 3)
            turn[both, both] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
        found.append(turn)
    return np.array(found)


_TURNS = _turns()
