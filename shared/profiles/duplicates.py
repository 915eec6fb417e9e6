"""Which values repeat, from the ones with the smallest hashes: exact for these, and bounded.

A value is kept when its hash is among the smallest k of all distinct ones (bottom-k sampling:
Cohen and Kaplan, Summarizing data using bottom-k sketches, PODC 2007), with how often it came.
"""

from dataclasses import dataclass

import numpy as np

KEPT = 4_096
# A good mixer of 64 bits: murmur3's finalizer.
FIRST, SECOND = np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53)
SHIFT = np.uint64(33)


@dataclass(frozen=True)
class DuplicateSketch:
    """The smallest hashes, rising, and how often each came; shapes (values,)."""

    hashes: np.ndarray
    counts: np.ndarray

    def __add__(self, other: "DuplicateSketch") -> "DuplicateSketch":
        hashes = np.concatenate([self.hashes, other.hashes])
        return _smallest(hashes, np.concatenate([self.counts, other.counts]))

    @property
    def repeated(self) -> float:
        """The share of rows that repeat one which came before."""
        total = int(self.counts.sum())
        return 1 - len(self.counts) / total if total else 0.0

    @property
    def rows(self) -> int:
        """How many rows there are with the kept values."""
        return int(self.counts.sum())


def sketch_duplicates(digests: np.ndarray) -> DuplicateSketch:
    """Sketch hashes, shape (rows,), unsigned integers of 64 bits."""
    hashes = mixed_hashes(digests)
    if len(hashes) > 4 * KEPT:
        few = _counted(hashes[hashes < np.uint64(2 * KEPT * (2**64 // len(hashes)))])
        # Where there are many repeats, the smallest may be too few distinct ones.
        if len(few.hashes) == KEPT:
            return few
    return _counted(hashes)


def mixed_hashes(digests: np.ndarray) -> np.ndarray:
    """Return well mixed hashes of hashes: equal ones of equal ones alone."""
    found = digests ^ (digests >> SHIFT)
    for factor in (FIRST, SECOND):
        found *= factor
        found ^= found >> SHIFT
    return found


def _counted(hashes: np.ndarray) -> DuplicateSketch:
    distinct, counts = np.unique(hashes, return_counts=True)
    return DuplicateSketch(distinct[:KEPT], counts[:KEPT])


def _smallest(hashes: np.ndarray, counts: np.ndarray) -> DuplicateSketch:
    # Both halves rise already, and are merged sooner than sorted.
    order = np.argsort(hashes, kind="stable")
    hashes, counts = hashes[order], counts[order]
    first = np.flatnonzero(np.diff(hashes, prepend=~hashes[:1]))
    return DuplicateSketch(hashes[first][:KEPT], np.add.reduceat(counts, first)[:KEPT])
