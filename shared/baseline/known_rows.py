"""The rows of a history by their features: what comes again of them later, and side by side."""

import numpy as np
from pydantic import BaseModel, ConfigDict

from shared.profiles import duplicates
from shared.profiles.duplicates import DuplicateSketch

# How often features repeat side by side is known of stretches of so many rows.
STRETCHES = (100, 300, 1_000, 3_000, 10_000, 30_000, 100_000)
# Of fewer rows than these nothing is said.
FEWEST = 30
# Rows of the last third are held against those before it.
EARLIER = 2 / 3


class KnownRows(BaseModel):
    """Which rows a history had, by hashes of their features, without key and time.

    `hashes` are the smallest of them, rising. `returning` is the share of the `later` rows, the
    last third, whose features had come before them, and `side_by_side` the largest share of rows
    that repeat another in stretches of so many `rows`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rows: int
    later: int
    hashes: tuple[int, ...]
    returning: float
    side_by_side: tuple[tuple[int, float], ...]

    def seen(self, sketch: DuplicateSketch) -> tuple[int, int]:
        """Return of how many distinct rows it is known, and how many of these history had."""
        if not self.hashes or not len(sketch.hashes):
            return 0, 0
        whole = len(self.hashes) < duplicates.KEPT, len(sketch.hashes) < duplicates.KEPT
        ends = [self.hashes[-1], int(sketch.hashes[-1])]
        within = [end for end, is_whole in zip(ends, whole, strict=True) if not is_whole]
        looked_at = sketch.hashes <= np.uint64(min(within, default=2**64 - 1))
        had = np.isin(sketch.hashes[looked_at], np.array(self.hashes, "uint64"))
        return int(looked_at.sum()), int(had.sum())

    def usually_repeated(self, rows: int) -> float | None:
        """Return the largest share of repeats among so many rows; None where that is not known."""
        longer = [share for size, share in self.side_by_side if size >= rows]
        if longer:
            return longer[0]
        return self.side_by_side[-1][1] if self.side_by_side and rows <= self.rows else None


def learn_known_rows(digests: np.ndarray, moments: np.ndarray) -> KnownRows:
    """Learn which rows came by hashes of their features and their rising times; shapes (rows,)."""
    hashes = duplicates.mixed_hashes(digests)
    if (np.diff(moments) == 0).any():
        hashes = hashes[np.lexsort((hashes, moments))]
    begin = np.searchsorted(moments, np.quantile(moments, EARLIER)) if len(moments) else 0
    # Where no row comes again, none does so in any stretch.
    repeats = share_repeated(hashes) > 0
    lengths = [n for n in STRETCHES if n <= len(hashes)]
    return KnownRows(
        rows=len(hashes),
        later=len(hashes) - int(begin),
        hashes=tuple(duplicates.sketch_duplicates(digests).hashes.tolist()),
        returning=_share_known(hashes[begin:], hashes[:begin]) if repeats else 0.0,
        side_by_side=tuple((n, _most_repeated(hashes, n) if repeats else 0.0) for n in lengths),
    )


def share_repeated(digests: np.ndarray) -> float:
    """Return the share of rows that repeat another, by their hashes, shape (rows,); 0 of none."""
    rising = np.sort(digests)
    if not len(rising):
        return 0.0
    return 1 - (1 + int(np.count_nonzero(np.diff(rising)))) / len(rising)


def _share_known(later: np.ndarray, earlier: np.ndarray) -> float:
    """Return the share of later hashes that are among the earlier ones; 0 of none."""
    if not len(later) or not len(earlier):
        return 0.0
    # Where both rise, each search goes on from where the last one was.
    rising, sought = np.sort(earlier), np.sort(later)
    places = np.searchsorted(rising, sought)
    return float((rising[np.minimum(places, len(rising) - 1)] == sought).mean())


def _most_repeated(hashes: np.ndarray, rows: int) -> float:
    """Return the largest share of rows that repeat one before it, over stretches of so many."""
    stretches = len(hashes) // rows
    found = np.sort(hashes[: stretches * rows].reshape(stretches, rows), axis=1)
    return float((np.diff(found, axis=1) == 0).mean(axis=1).max())
