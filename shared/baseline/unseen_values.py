"""Values of a number that history never had, though they are within its range."""

import numpy as np


class UnseenValues:
    """How many of a span's values are within the range of the others, and not among them."""

    def __init__(self, found: np.ndarray) -> None:
        with np.errstate(over="ignore"):
            found = found.astype("float32")
        self._known = np.isfinite(found)
        codes = np.unique(found, return_inverse=True)[1]
        places, last = np.arange(len(found)), np.zeros(codes.max() + 1, "int64")
        first = np.full(codes.max() + 1, len(found))
        np.minimum.at(first, codes, places)
        last[codes] = places
        self._found, self._first, self._last = found, first[codes], last[codes]
        low, high = np.where(self._known, found, np.inf), np.where(self._known, found, -np.inf)
        self._low, self._high = np.minimum.accumulate(low), np.maximum.accumulate(high)
        self._low_after = np.minimum.accumulate(low[::-1])[::-1]
        self._high_after = np.maximum.accumulate(high[::-1])[::-1]

    def share(self, begin: int, end: int, until: int | None) -> float:
        """Return the share of the rows [begin, end) beside the rows before `until`, or the rest."""
        found, known = self._found[begin:end], self._known[begin:end]
        novel = self._first[begin:end] >= (begin if until is None else until)
        last = begin if until is None else until
        low, high = (side[last - 1] if last else None for side in (self._low, self._high))
        if until is None:
            novel &= self._last[begin:end] < end
            if end < len(self._found):
                after = self._low_after[end], self._high_after[end]
                low = after[0] if low is None else min(low, after[0])
                high = after[1] if high is None else max(high, after[1])
        if low is None or high is None or not known.any():
            return 0.0
        return float((novel & known & (found > low) & (found < high)).sum() / known.sum())
