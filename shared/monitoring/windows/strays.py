"""Times far from all the others: few rows, beyond a gap, which do not say when the rest came."""

from dataclasses import dataclass

import numpy as np

# As many rows as this share of those that follow the gap are few; and so is a single one.
FEW = 0.1
DAY = 86_400.0


@dataclass(frozen=True)
class Strays:
    """How many rows are far `before` and `after` all the others."""

    before: int = 0
    after: int = 0


def count_strays(times: np.ndarray, rows: np.ndarray, gap: float, now: float) -> Strays:
    """Count the rows that are beyond a gap of more than `gap` from the rest, at either end.

    Shapes: (times,), rising, in seconds, and the rows of each. They are far only where they are few
    beside the rows of the first `gap` behind it: a season that follows a pause is no stray.
    """
    return Strays(far_rows(times, rows, gap), late_rows(times[::-1], rows[::-1], gap, now))


def late_rows(times: np.ndarray, rows: np.ndarray, gap: float, now: float) -> int:
    """Count the rows far after the others, given falling times: after `now` a day is far."""
    ahead = int(rows[times > now].sum())
    return max(far_rows(-times, rows, gap), far_rows(-times, rows, min(DAY, gap), ahead))


def far_rows(times: np.ndarray, rows: np.ndarray, gap: float, most: int | None = None) -> int:
    """Count the rows before the last gap that has only a few of them before it, or `most`.

    Shapes: (times,), rising, and the rows of each.
    """
    strays, before = 0, np.cumsum(rows)
    for at in np.flatnonzero(np.diff(times) > gap):
        follow = np.searchsorted(times, times[at + 1] + gap, side="right")
        near = before[follow - 1] - before[at]
        few = before[at] <= FEW * near or (before[at] == 1 and near > 1)
        if few and (most is None or before[at] <= most):
            strays = int(before[at])
    return strays
