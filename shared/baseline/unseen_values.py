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
        self._low, self._high = np.minimum.accumulate(low), np.maximum.accumulate(high)
        self._low_after = np.minimum.accumulate(low[::-1])[::-1]
        self._high_after = np.maximum.accumulate(high[::-1])[::-1]

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
        known = self._before[ends] - self._before[begins]
        counted = np.zeros(len(begins))
        for span, (begin, end, last) in enumerate(zip(begins, ends, since, strict=True)):
            within = rows[slice(*np.searchsorted(rows, [begin, end]))]
            novel = within[self._first[within] >= last]
            if until is None:
                novel = novel[self._last[novel] < end]
            low, high = self._range(last, end if until is None else len(self._found))
            counted[span] = ((self._found[novel] > low) & (self._found[novel] < high)).sum()
        return counted / np.maximum(known, 1)

    def _range(self, until: int, since: int) -> tuple[float, float]:
        """Return the least and the largest value of the rows before one, and from another on."""
        sides = [(self._low[until - 1], self._high[until - 1])] if until else []
        if since < len(self._found):
            sides.append((self._low_after[since], self._high_after[since]))
        lows, highs = zip(*sides, strict=True) if sides else ([np.inf], [-np.inf])
        return min(lows), max(highs)
