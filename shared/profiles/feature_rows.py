"""The features of rows of which a Gram matrix is made, kept in a few bytes of each row."""

import numpy as np

from shared.profiles.gram import STEPS, GramLayout, sums_of_products

# So many numbers are made at once of what is kept, or those of so many rows if these are more.
MADE_AT_ONCE = 1 << 19
FEWEST_ROWS = 512
# The code of a value that takes no part in dependence.
NO_CODE = 255


class FeatureRows:
    """Features by a layout, shape (features, rows), in whole steps; all are none to begin with.

    Numbers and the time are kept as they are, in 16 bits. Of a category the code of each value is
    kept, in 8 bits: of its features, the one in that place is one, and the others none.
    """

    def __init__(self, layout: GramLayout, rows: int) -> None:
        self._layout, self._rows = layout, rows
        self._steps = np.zeros((len(layout.stepped), rows), "int16")
        self._steps[0] = STEPS
        self._codes = np.full((len(layout.coded), rows), NO_CODE, "uint8")

    def steps(self, at: slice) -> np.ndarray:
        """Return the steps of the features `at` a column's or the time's place, to be written."""
        first = int(np.searchsorted(self._layout.stepped, at.start))
        return self._steps[first : first + at.stop - at.start]

    def codes(self, name: str) -> np.ndarray:
        """Return the codes of a category, shape (rows,), to be written."""
        return self._codes[self._layout.coded.index(name)]

    def matrix(self, rows: slice | np.ndarray = slice(None)) -> np.ndarray:
        """Return the features of some rows, shape (features, rows), in float32."""
        steps, codes = self._steps[:, rows], self._codes[:, rows]
        found = np.empty((self._layout.size, steps.shape[1]), "float32")
        found[self._layout.stepped] = steps
        for code, name in zip(codes, self._layout.coded, strict=True):
            at = self._layout.groups[name]
            each = np.arange(at.stop - at.start, dtype="uint8")[:, None]
            np.multiply(code == each, np.float32(STEPS), out=found[at])
        return found

    def sums_of_products(self, starts: np.ndarray) -> np.ndarray:
        """Return the Gram matrix of each group of rows from one of `starts`, 0 first, to the next.

        Whole numbers, shape (groups, features, features).
        """
        size = self._layout.size
        grams = np.zeros((len(starts), size, size), "int64")
        step = max(MADE_AT_ONCE // size // FEWEST_ROWS, 1) * FEWEST_ROWS
        for first in range(0, self._rows, step):
            end = min(first + step, self._rows)
            # From the group that the first of these rows is in.
            begin = int(np.searchsorted(starts, first, side="right")) - 1
            groups = slice(begin, int(np.searchsorted(starts, end)))
            within = np.maximum(starts[groups], first) - first
            grams[groups] += sums_of_products(self.matrix(slice(first, end)), within)
        return grams
