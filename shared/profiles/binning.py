"""Which bin a number is in, looked up by its first bits."""

from functools import cached_property

import numpy as np

# Sign, exponent and six bits of the fraction.
BITS = 18
REST = np.uint64(64 - BITS)
# Fewer numbers are searched for one by one sooner than the table is made.
FEW = 20_000


class Binner:
    """Bins between rising edges: what `numpy.searchsorted(edges, …, side="right")` finds, sooner.

    All numbers with the same first bits are one cell. A table has the least bin of each cell, and
    one comparison whether a number is in the next; cells that several edges divide are searched.
    """

    def __init__(self, edges: tuple[float, ...]) -> None:
        self._edges = np.array(edges, dtype="float64")
        self._ends = np.append(self._edges, np.inf)

    def __call__(self, found: np.ndarray) -> np.ndarray:
        """Return the bin of each number, shape (rows,); none may be NaN or infinite."""
        if len(found) < FEW:
            return np.searchsorted(self._edges, found, side="right")
        # So that the zero below nothing is the one above it.
        cells = (found + 0.0).view("uint64")
        cells >>= REST
        # By signed places it is taken sooner.
        bins = self._table.take(cells.view("int64"))
        divided = np.flatnonzero(bins < 0)
        bins += found >= self._ends.take(bins)
        bins[divided] = np.searchsorted(self._edges, found[divided], side="right")
        return bins

    @cached_property
    def _table(self) -> np.ndarray:
        """The least bin of each cell, or -1 where several edges divide it: shape (2 ** BITS,)."""
        # Cells in the order of their numbers: negative ones count down.
        half = 1 << (BITS - 1)
        bits = (self._edges + 0.0).view("uint64")
        cells = (bits >> REST).astype("int64")
        ranks = np.where(cells < half, half + cells, 2 * half - 1 - cells)
        within = (bits & ((np.uint64(1) << REST) - np.uint64(1))) != 0
        at_start = (cells < half) & ~within
        steps = np.bincount(ranks + ~at_start, minlength=2 * half + 1)[: 2 * half]
        bins = np.cumsum(steps).astype("int8")
        divided, times = np.unique(ranks[~at_start], return_counts=True)
        bins[divided[times > 1]] = -1
        return np.concatenate([bins[half:], bins[:half][::-1]])
