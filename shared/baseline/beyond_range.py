"""Values of a number that are beyond all that came before them, as a walk's and a trend's are."""

import numpy as np


class BeyondRange:
    """How many of a span's values are beyond all that history had before it, or has after it.

    `found` are a history's numbers in time, NaN for none, and `rows` how many of them there are
    before each of its cells and after the last. No part of it that is asked for ends before the
    cell `first`, or begins after the one that is as far from the end.
    """

    def __init__(self, found: np.ndarray, rows: np.ndarray, first: int) -> None:
        known, last = np.isfinite(found), len(rows) - 1 - first
        self._rows, self._last = rows, last
        self._known = np.concatenate([[0], np.cumsum(known)])[rows]
        low = _of_cells(np.minimum, np.where(known, found, np.inf), rows, np.inf)
        high = _of_cells(np.maximum, np.where(known, found, -np.inf), rows, -np.inf)
        # Of the cells before each, and of those from it on.
        self._before = _running(np.minimum, low, np.inf), _running(np.maximum, high, -np.inf)
        self._after = (
            _running(np.minimum, low[::-1], np.inf)[::-1],
            _running(np.maximum, high[::-1], -np.inf)[::-1],
        )
        # Others are beyond no part of history that is asked for.
        outside = np.zeros(len(found), "bool")
        for part, (least, largest), cell in (
            (slice(rows[first], None), self._before, first),
            (slice(None, rows[last]), self._after, last),
        ):
            outside[part] |= (found[part] < least[cell]) | (found[part] > largest[cell])
        self._at = np.flatnonzero(outside)
        self._found = found[self._at]

    def shares(self, begins: np.ndarray, ends: np.ndarray, until: np.ndarray | None) -> np.ndarray:
        """Return the share of the values of each span of cells [begin, end), shape (spans,).

        It is beyond all before the cells `until`, or all that comes after the span, where enough
        does.
        """
        cells, ranges = (ends, self._after) if until is None else (until, self._before)
        low, high = (each[cells] for each in ranges)
        starts, stops = (np.searchsorted(self._at, self._rows[each]) for each in (begins, ends))
        if until is None:
            stops = np.where(ends <= self._last, stops, starts)
        span = np.repeat(np.arange(len(begins)), stops - starts)
        within = np.arange(len(span)) - np.repeat(np.cumsum(stops - starts) - stops, stops - starts)
        found = self._found[within]
        beyond = span[(found < low[span]) | (found > high[span])]
        known = self._known[ends] - self._known[begins]
        return np.bincount(beyond, minlength=len(begins)) / np.maximum(known, 1)


def _of_cells(extreme: np.ufunc, found: np.ndarray, rows: np.ndarray, none: float) -> np.ndarray:
    """Return the extreme of each cell's numbers; `none` of a cell without rows."""
    # A cell at the end may have no row to begin at.
    every = np.append(found, none)
    return np.where(np.diff(rows) > 0, extreme.reduceat(every, rows[:-1]), none)


def _running(extreme: np.ufunc, cells: np.ndarray, none: float) -> np.ndarray:
    return np.asarray(extreme.accumulate(np.concatenate([[none], cells])))
