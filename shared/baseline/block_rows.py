"""What the rows of blocks show beside their counts: values that are new, and when rows came."""

from functools import cached_property

import numpy as np

from shared.baseline import arrivals
from shared.baseline.beyond_range import BeyondRange
from shared.baseline.history import History
from shared.baseline.statistics import Statistic
from shared.baseline.unseen_values import UnseenValues
from shared.profiles.counting_plan import NumberPlan
from shared.schema import arrow


class BlockRows:
    """The rows of blocks of a history's cells, beside those of the rest of it.

    Before the cell `first` there is too little of the history to be held against.
    """

    def __init__(self, history: History, first: int) -> None:
        self._history, self._plan, self._rows = history, history.plan, history.running["rows"]
        self._level_hours = arrivals.level_hours(history.moments)
        numbers = [column for column in history.plan.columns if isinstance(column, NumberPlan)]
        found = {column.name: arrow.numbers(history.table[column.name])[0] for column in numbers}
        self._unseen_values = {
            column.name: UnseenValues(found[column.name]) for column in numbers if column.values
        }
        self._beyond_range = {
            name: BeyondRange(values, self._rows, first) for name, values in found.items()
        }

    def level(self) -> float:
        """Return how many times the history's mean rows came in its last weeks."""
        return float(self._level(np.array([len(self._rows) - 1]))[0])

    def measure(
        self, begins: np.ndarray, width: int, ends: np.ndarray | None
    ) -> dict[Statistic, np.ndarray]:
        """Measure unseen values and arrivals beside what was before the `ends`, or the rest.

        Values beyond the range are beside what came after: so the first blocks tell of them, too.
        """
        rows = self._rows
        spans = rows[begins], rows[begins + width], None if ends is None else rows[ends]
        found = {
            Statistic("unseen", column): unseen.shares(*spans)
            for column, unseen in self._unseen_values.items()
        }
        found |= {
            Statistic("range", column): beyond.shares(begins, begins + width, ends)
            for column, beyond in self._beyond_range.items()
        }
        came, shape = self._came_and_shape
        levels = self._level(begins if ends is None else ends)
        both = [
            arrivals.volume_and_silence(came[a : a + width], level * shape[a : a + width])
            for a, level in zip(begins, levels, strict=True)
        ]
        return found | {
            Statistic(check, self._plan.time): np.array([each[at] for each in both])
            for at, check in enumerate(arrivals.CHECKS)
        }

    @cached_property
    def _came_and_shape(self) -> tuple[np.ndarray, np.ndarray]:
        """How many rows came in each cell, and are due there, by the hour of the week."""
        edges, per_hour = self._history.edges, np.array(self._history.per_hour)
        due = arrivals.expected_rows(per_hour, edges[0], edges[-1], self._history.holidays)
        return arrivals.only_known(np.diff(self._rows), due.reshape(len(edges) - 1, -1).sum(axis=1))

    def _level(self, ends: np.ndarray) -> np.ndarray:
        """Return how many times the mean rows came in the weeks before some cells."""
        span = max(1, round(self._level_hours / self._history.cell_hours))
        came, due = (np.concatenate([[0], np.cumsum(each)]) for each in self._came_and_shape)
        until = np.maximum(ends, min(span, len(due) - 1))
        since = np.maximum(until - span, 0)
        return (came[until] - came[since] + 1) / (due[until] - due[since] + 1)
