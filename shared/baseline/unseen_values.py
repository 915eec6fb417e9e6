"""Values of a number that history never had, though they are within its range."""

import numpy as np


class UnseenValues:
    """How many of a span's values are within the range of the others, and not among them."""

    def __init__(self, found: np.ndarray) -> None:
        with np.errstate(over="ignore"):
            found = found.astype("float32")
        known = np.isfinite(found)
        codes = np.unique(found, return_inverse=True)[1]
        places, last = np.arange(len(found)), np.zeros(codes.max() + 1, "int64")
        first = np.full(codes.max() + 1, len(found))
        np.minimum.at(first, codes, places)
        last[codes] = places
        self._found, self._before = found, np.concatenate([[0], np.cumsum(known)])
        # What is not known is never novel.
        self._first, self._last = np.where(known, first[codes], -1), last[codes]
        low, high = np.where(known, found, np.inf), np.where(known, found, -np.inf)
        # Of the rows before each place, and of those from it on.
        self._low = np.minimum.accumulate(np.r_[np.inf, low])
        self._high = np.maximum.accumulate(np.r_[-np.inf, high])
        self._low_after = np.minimum.accumulate(np.r_[low, np.inf][::-1])[::-1]
        self._high_after = np.maximum.accumulate(np.r_[high, -np.inf][::-1])[::-1]

    def shares(self, begins: np.ndarray, ends: np.ndarray, until: np.ndarray | None) -> np.ndarray:
        """Return the share of the rows [begin, end) of each span, shape (spans,).

        It is beside the rows before those of `until`, or beside the rest.
        """
        since = begins if until is None else until
        # Next to all values were met before any of the spans, or outlast them.
        rows = np.flatnonzero(self._first >= since.min(initial=len(self._found)))
        if until is None:
            lasted = self._last[rows] - self._first[rows]
            rows = rows[lasted < (ends - begins).max(initial=0)]
        starts, stops = np.searchsorted(rows, begins), np.searchsorted(rows, ends)
        span = np.repeat(np.arange(len(begins)), stops - starts)
        within = np.arange(len(span)) - np.repeat(np.cumsum(stops - starts) - stops, stops - starts)
        asked = rows[within]
        low, high = self._ranges(since, ends if until is None else None)
        found = self._found[asked]
        novel = (self._first[asked] >= since[span]) & (found > low[span]) & (found < high[span])
        if until is None:
            novel &= self._last[asked] < ends[span]
        known = self._before[ends] - self._before[begins]
        return np.bincount(span[novel], minlength=len(begins)) / np.maximum(known, 1)

    def _ranges(self, until: np.ndarray, since: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        """Return the least and the largest of the rows before some, and from others on."""
        low, high = self._low[until], self._high[until]
        if since is None:
            return low, high
        return np.minimum(low, self._low_after[since]), np.maximum(high, self._high_after[since])
