"""What the days of each type had in a history, so that a day is held against days like it."""

from functools import cached_property
from typing import Any, Self

import numpy as np
from pydantic import BaseModel, ConfigDict

from shared.profiles.counts import Counts
from shared.profiles.day_types import DAY_TYPES
from shared.profiles.gram import WEEKDAYS

# Days of a type are known of from so many on.
FEWEST_DATES = 8
# In spans of fewer hours the hour says more than the day.
FEWEST_HOURS = 16
# What is counted of a column by itself.
COUNTED = ("bins ", "exact ", "lost ")
# A part that takes more of a type's rows leaves too few others of it.
MOST_OF_A_TYPE = 0.5
# What came on other days only is rare on these, and no news.
RARE = 1e-3


class DayCounts(BaseModel):
    """How many `dates` there were of each type of day, how many `rows` they had, and their counts.

    Those have the types as their leading axis; types of which the history has too few dates have
    none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    dates: tuple[int, ...]
    rows: tuple[int, ...]
    counts: dict[str, Any]

    @classmethod
    def of_cells(cls, running: Counts, days: np.ndarray, types: np.ndarray) -> Self:
        """Add up cells, each of a day and its type, by the running sums of their counts."""
        edges = np.flatnonzero(np.diff(types, prepend=-1, append=-1))
        begins, ends = edges[:-1], edges[1:]
        of_run = types[begins]
        has_rows = np.diff(running["rows"]) > 0
        _, first = np.unique(days[has_rows], return_index=True)
        dates = np.bincount(types[has_rows][first], minlength=DAY_TYPES)
        is_of = (np.arange(DAY_TYPES)[:, None] == of_run) & (dates >= FEWEST_DATES)[:, None]
        added = {
            name: (is_of.astype("float64") @ (sums[ends] - sums[begins])).astype("int64").tolist()
            for name, sums in running.items()
            if name.startswith(COUNTED)
        }
        rows = np.bincount(of_run, running["rows"][ends] - running["rows"][begins], DAY_TYPES)
        return cls(dates=tuple(dates.tolist()), rows=tuple(map(int, rows)), counts=added)

    @cached_property
    def known(self) -> np.ndarray:
        """Of which types of days the history has enough."""
        return (np.array(self.dates) >= FEWEST_DATES) & (np.array(self.rows) > 0)

    @cached_property
    def _of_each_row(self) -> Counts:
        rows = np.maximum(np.array(self.rows, "float64"), 1)[:, None]
        return {name: np.array(found) / rows for name, found in self.counts.items()}

    def on_such_days(
        self, before: Counts, rows_before: np.ndarray, rows: np.ndarray, own: Counts | None = None
    ) -> Counts:
        """Return counts as if their days had been of the types that other rows are of.

        Both `rows` are by type, shape (..., types). Where the others are a part of the history
        themselves, `own` are their counts: they are not held against themselves.
        """
        mix = rows / np.maximum(rows.sum(axis=-1, keepdims=True), 1)
        change = mix - rows_before / np.maximum(rows_before.sum(axis=-1, keepdims=True), 1)
        taken = mix * rows / np.maximum(self.rows, 1) if own else np.zeros(DAY_TYPES)
        change = np.where(self.known & (taken <= MOST_OF_A_TYPE), change, 0.0)
        if not change.any():
            return before
        without = change / (1 - np.minimum(taken, MOST_OF_A_TYPE))
        itself = (without * taken).sum(axis=-1)[..., None]
        # Of other types of days no more is known than of all.
        whole = (1 - change.sum(axis=-1))[..., None]
        counted = np.maximum(before["rows"], 1)[..., None]
        moved = {}
        for name, of_type in self._of_each_row.items():
            once = before[name] / counted
            found = once * whole + without @ of_type
            if own:
                found -= itself * (own[name] / np.maximum(own["rows"], 1)[..., None])
            moved[name] = np.maximum(found, RARE * once) * counted
        return {**before, **moved}

    def share_unknown(self, rows: np.ndarray) -> np.ndarray:
        """Return the share of rows on holidays of which history has too few.

        The rows are by type: of shape (..., types), for one of (...).
        """
        unknown = rows[..., WEEKDAYS:][..., ~self.known[WEEKDAYS:]].sum(axis=-1)
        return np.asarray(unknown / np.maximum(rows.sum(axis=-1), 1))
