"""What outcomes are held against: a bias, shares of their kinds, and traits with their errors."""

from typing import NamedTuple

import numpy as np

# Of none, shares have no logarithm.
HALF_A_ROW = 0.5
# What shares are of that are of no class.
TRUE = "true outcomes"
ABOVE, BELOW = "outcomes above their interval", "outcomes below their interval"


class Bias(NamedTuple):
    """What was observed and what was predicted, on average, of so many rows.

    `variances` is the sum of the variances that the outcomes have by chance; `of` names the class
    that it is of, where it is of one among several.
    """

    observed: float
    predicted: float
    rows: int
    variances: float
    of: str = ""

    @property
    def error(self) -> float:
        """The standard error that chance makes."""
        return float(np.sqrt(self.variances)) / self.rows


class Share(NamedTuple):
    """Rows whose outcomes are of one kind: how many were observed, and how many were expected."""

    observed: float
    expected: float


class FarCells(NamedTuple):
    """The cells of outcomes that are far beyond all others, as a mask of the counts' shape.

    They are at least `beyond` from the answer, where the `farthest` of history is nearer by far.
    """

    cells: np.ndarray
    beyond: float
    farthest: float


class Trait(NamedTuple):
    """A trait's value, and the standard error that chance makes.

    What is wrong is below what history has where `side` is -1, above it where it is 1, and either
    where it is 0. A `ratio` is a logarithm, and is shown without it.
    """

    value: float
    error: float
    side: int = 0
    ratio: bool = False
