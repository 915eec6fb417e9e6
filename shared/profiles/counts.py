"""Counts of rows: whole numbers by name, so that those of two tables add up to those of both."""

from collections.abc import Mapping

import numpy as np

# What may be wrong with a value, as `lost` counts it.
LOST = ("missing", "unreadable", "outside", "absent")

Counts = dict[str, np.ndarray]
"""Whole numbers by name: `rows`, `gram`, `answers`, and of each column `bins …` and `lost …`;
of each number `exact …` and `unseen …`, too.

Each may have leading axes, of groups of rows that were counted apart. `answers` are the task's own,
and of whole tables alone.
"""


class Tally:
    """Counts numbers from 0 on, by group of rows from one of `starts` to the next.

    A negative number counts for nothing. `sizes` are the rows of each group.
    """

    def __init__(self, starts: np.ndarray, rows: int) -> None:
        self.sizes = np.diff(np.append(starts, rows)).astype("int64")
        several = len(starts) > 1
        self._group = np.repeat(np.arange(len(starts)), self.sizes) if several else None

    def count(self, found: np.ndarray, width: int, known: np.ndarray | None = None) -> np.ndarray:
        """Count into `width` bins; `known` are the rows that `found` is of, if not of all."""
        groups = len(self.sizes)
        if not len(found):
            return np.zeros((groups, width), "int64")
        if self._group is None:
            kept = found[found >= 0] if found.min() < 0 else found
            return np.bincount(kept, minlength=width)[None]
        group = self._group if known is None else self._group[known]
        kept = found >= 0
        at = group[kept] * width + found[kept]
        return np.bincount(at, minlength=groups * width).reshape(-1, width)


def add_counts(one: Mapping[str, np.ndarray], other: Mapping[str, np.ndarray]) -> Counts:
    """Add counts that were made by the same plan."""
    return {name: one[name] + other[name] for name in one}


def counts_between(
    running: Mapping[str, np.ndarray], starts: np.ndarray, stops: np.ndarray
) -> Counts:
    """Return counts of spans of groups, from their running sums with a leading zero."""
    return {name: total[stops] - total[starts] for name, total in running.items()}


def running_sums(counted: Mapping[str, np.ndarray]) -> Counts:
    """Return the running sums over the first axis, with a leading zero."""
    return {
        name: np.concatenate([np.zeros_like(found[:1]), np.cumsum(found, axis=0)])
        for name, found in counted.items()
    }
