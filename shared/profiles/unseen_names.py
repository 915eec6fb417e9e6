"""The most frequent name of each category that its history never had.

Among many new names, each of a few rows, one of very many rows may be another name for a known one.
"""

from typing import NamedTuple

import numpy as np
import pyarrow as pa

from shared.profiles.counting_plan import CategoryPlan, CountingPlan
from shared.profiles.counts import Counts
from shared.profiles.planning import MOST_CATEGORIES
from shared.schema import arrow


class UnseenName(NamedTuple):
    """A name, in how many `rows` it stands, of how many that have a name."""

    name: str | None
    rows: int
    known: int

    @property
    def share(self) -> float:
        """The share of rows with this name."""
        return self.rows / max(self.known, 1)


def most_frequent(column: pa.ChunkedArray, planned: CategoryPlan) -> UnseenName:
    """Return the most frequent value that is not among the planned ones; the first of several."""
    codes, missing = arrow.codes(column, planned.categories)
    strange = arrow.texts(column.filter(pa.array(~missing & (codes == len(planned.categories)))))
    known = int((~missing).sum())
    if not len(strange):
        return UnseenName(None, 0, known)
    counted = strange.value_counts()
    values, rows = counted.flatten()
    at = int(np.argmax(rows.to_numpy()))
    return UnseenName(values[at].as_py(), rows[at].as_py(), known)


def count_names(table: pa.Table, plan: CountingPlan) -> Counts:
    """Count, of each category, the rows with the most frequent unseen name, and those with any.

    Not of those that have more names than are kept of a history: theirs may be known ones.
    """
    found = {}
    for column in plan.columns:
        if isinstance(column, CategoryPlan) and column.name in table.column_names:
            unseen = most_frequent(table[column.name], column)
            if len(column.categories) < MOST_CATEGORIES:
                found[count_name(column.name)] = np.array([unseen.rows, unseen.known])
    return found


def count_name(column: str) -> str:
    """Return the name of a category's most frequent unseen name among counts."""
    return f"one unseen {column}"
