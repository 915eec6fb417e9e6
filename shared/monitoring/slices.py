"""Slices that the settings ask for: their rows by outcome and score, which add up over parts."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa

from shared.profiles import counts
from shared.profiles.counts import OUTCOMES, SCORE_BINS
from shared.schema import arrow
from shared.settings import Settings

# Of a column with more values, those are counted that had the most rows on the holdout.
MOST_VALUES = 100
MISSING = "(missing)"

Slices = dict[str, np.ndarray]
"""Rows by outcome (none, false, true) and by bins of the score, of each slice by its name."""


class Slicer:
    """Counts tables by slices, of which these are the names in a bundle's evaluation."""

    def __init__(self, names: Sequence[str], settings: Settings) -> None:
        self._values = {
            column: [n.removeprefix(start) for n in names if n.startswith(start)][:MOST_VALUES]
            for column in settings.slices
            for start in [f"{column} = "]
        }

    def count(self, table: pa.Table) -> Slices:
        """Count a table; a column that it does not have has no slices."""
        places, width = counts.answer_cells(table), OUTCOMES * SCORE_BINS
        found: Slices = {}
        for column, known in self._values.items():
            if column not in table.column_names:
                continue
            at = _places(table[column], known)
            kept = (at >= 0) & (places >= 0)
            counted = np.bincount(at[kept] * width + places[kept], minlength=len(known) * width)
            shaped = counted.reshape(-1, OUTCOMES, SCORE_BINS)
            named = zip(known, shaped, strict=True)
            found |= {f"{column} = {value}": rows for value, rows in named}
        return found


def add(one: Slices, other: Slices) -> Slices:
    """Add the slices of two tables."""
    return {
        name: one[name] + other[name] if name in one and name in other else rows
        for name, rows in (one | other).items()
    }


def _places(column: pa.ChunkedArray, known: list[str]) -> np.ndarray:
    """Return each row's place among the known values, -1 where it is none of them."""
    kind = column.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        found, missing = arrow.numbers(column)
        at = np.full(len(found), -1)
        for place, value in enumerate(pd.to_numeric(pd.Series(known), errors="coerce")):
            at[found == value] = place
    else:
        codes, missing = arrow.codes(column, tuple(known))
        at = np.where(missing | (codes == len(known)), -1, codes)
    if MISSING in known:
        at[missing] = known.index(MISSING)
    return at
