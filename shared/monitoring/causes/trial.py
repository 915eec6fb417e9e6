"""A trial: rows that are changed back in one way after another, to see what is normal again."""

from collections.abc import Collection
from functools import cached_property

import numpy as np
import pandas as pd

from shared.baseline import statistics
from shared.baseline.statistics import Statistic
from shared.frames import with_values
from shared.monitoring.causes.rows.row_likelihood import RowLikelihood
from shared.monitoring.causes.transformations import Transformation
from shared.monitoring.input_checks.detection import Deviation, DriftDetector
from shared.monitoring.input_checks.grain import FEWEST_VALUES
from shared.profiles import gram
from shared.profiles.counter import Counter
from shared.profiles.counting_plan import NumberPlan
from shared.profiles.counts import Counts
from shared.profiles.gram import HOUR
from shared.schema import arrow

# So large a share of values that history had, where few numbers are among them, is no chance.
HAD = 0.9
# A cause is named when no more than this share of what was beyond the thresholds remains.
REMAINS = 0.2
LEAST_SHARE = 0.05
# Of what was odd of a category so much may be left, by chance, where its names were exchanged.
UNEXPLAINED = 0.35
# Rows that are mended spread at least so far beside the others.
LEAST_SPREAD = 0.3
# Of two columns that changed places, no more values are beyond all that each had in history.
MOST_OUTSIDE = 0.02
# What tells of a number's own values, and nothing of the other columns.
OF_VALUES = ("new", "range", "unseen", "values", "spike", "lead", "distance")
# Beyond this share it may have been all rows.
MOSTLY = 0.5


class Trial:
    """Rows that are changed back in one way after another.

    Where a column is known to be the `culprit`, it is what changes of all rows are tried of; the
    `others` are held against nothing.
    """

    def __init__(
        self,
        rows: pd.DataFrame,
        detector: DriftDetector,
        hours: float,
        culprit: str | None,
        others: Collection[str] = (),
    ) -> None:
        rows = rows.reset_index(drop=True)
        self.rows, self.detector, self._hours = rows, detector, hours
        self.culprit = culprit
        plan = detector.baseline.plan
        # Answers were made of the rows as they came: they stay odd when these are mended.
        self.left_out = {*plan.watched, *(HOUR if n == plan.time else n for n in others)}
        inputs = gram.without_columns(detector.history["gram"], detector.groups, self.left_out)
        inverse = gram.precision(inputs)
        for name in self.left_out:
            at = detector.groups.get(name, slice(0, 0))
            inverse[at, at] = 0
        self._counter = Counter(plan)
        counted = self._counter.count(arrow.table(rows))
        self.likelihood = RowLikelihood(rows, counted.features.matrix(), detector, inverse)
        self._energies = self.likelihood.energies
        self.energy_as_is = float(self._energies.mean())
        self.counts = detector.with_dependences(counted.counts, rows)
        self.beyond = detector.beyond(self.counts, hours, self.left_out)

    @cached_property
    def measured(self) -> dict[Statistic, Deviation]:
        """What is measured of the rows as they came."""
        return self.detector.measure(self.counts, self._hours, self.left_out)

    def energy(self, change: Transformation) -> float:
        """Return how badly rows hang together when each is changed back or not, as suits it."""
        undone = self._undone(change)
        least = undone if change.of_all else np.minimum(undone, self._energies)
        return change.cost * float(least.mean())

    def share_undone(self, change: Transformation) -> float | None:
        """Return the share of rows that a change has to be undone in for all to be normal.

        None if that is almost none of them, if they all have one value, or if too much remains.
        """
        better = (self._undone(change) < self._energies) | change.of_all
        known = self.rows[list(change.columns)].notna().all(axis=1)
        share = float(better[known].mean()) if known.any() else 0.0
        if share < LEAST_SHARE or self.rows.loc[better, change.columns[0]].nunique() < 2:
            return None
        if not self._few_are_known(change, better):
            return None
        if share > MOSTLY and self.is_normal(change, np.ones_like(better)):
            return 1.0
        # Of some rows, those can be chosen in which another column's change is made up for.
        to_blame = self.culprit is None or self.culprit in change.columns
        to_blame &= self._alike(change, better) and not self._spoils(change, better)
        return share if to_blame and self.is_normal(change, better) else None

    def is_normal(self, change: Transformation, at: np.ndarray) -> bool:
        """Say whether rows are normal again after a change was undone in those `at`."""
        undone = change.undo(self.rows)
        mixed = {name: column.where(at, self.rows[name]) for name, column in undone.items()}
        if change.swap and any(
            self._outside(name, values) > MOST_OUTSIDE for name, values in mixed.items()
        ):
            return False
        rows = with_values(self.rows, mixed)
        counts = self._counter.count(arrow.table(rows)).counts
        counts = self.detector.with_dependences(counts, rows)
        # In all rows: of some rows, any offset could be made to fit.
        about = change.columns if change.about and at.all() else ()
        if change.names and not self._most_is_explained(change.columns[0], counts):
            return False
        if any(self._stands_out(name, counts) for name in about):
            return False
        remains = self.detector.beyond(counts, self._hours, self.left_out, about)
        own = sum(remains.get(name, 0.0) for name in change.columns)
        before = sum(self.beyond.get(name, 0.0) for name in change.columns)
        enough = sum(remains.values()) <= REMAINS * sum(self.beyond.values())
        return enough and own <= REMAINS * before

    def _stands_out(self, name: str, undone: Counts) -> bool:
        """Say whether one value of a number is more frequent than any other, as none was before.

        That is of some rows, and no change of all: those leave values as frequent as they were.
        """
        spike = self.measured.get(Statistic("spike", name))
        if spike is None or f"exact {name}" not in undone:
            return False
        now, before = (
            np.diff(np.sort(statistics.shares(counts[f"exact {name}"]))[-2:])[0]
            for counts in (undone, self.detector.history)
        )
        return bool(now - before > spike.threshold)

    def _most_is_explained(self, name: str, undone: Counts) -> bool:
        """Say whether little is left of all that was beyond a column's thresholds.

        Names that have become as frequent as each other would be below them, too, if exchanged.
        """
        came, now = self.measured, self.detector.measure(undone, self._hours, self.left_out)
        odd = [s for s, deviation in came.items() if s.column == name and deviation.beyond]
        return all(now[s].number <= UNEXPLAINED * came[s].number for s in odd)

    def _few_are_known(self, change: Transformation, better: np.ndarray) -> bool:
        """Say whether changed rows of few distinct values have, undone, such as history had.

        Any few can be brought to where they are not odd.
        """
        for name, values in change.undo(self.rows).items():
            planned, found = self.detector.baseline.plan.by_name.get(name), values[better].dropna()
            if not isinstance(planned, NumberPlan) or found.nunique() >= FEWEST_VALUES:
                continue
            if float(found.astype("float32").isin(planned.values or ()).mean()) < HAD:
                return False
        return True

    def _alike(self, change: Transformation, better: np.ndarray) -> bool:
        """Say whether changed rows, once undone, spread like the others.

        Divided by enough, any values come to stand in the middle, where they say nothing.
        """
        undone = change.undo(self.rows)
        return all(
            values[better].std() >= LEAST_SPREAD * self.rows.loc[~better, name].std()
            for name, values in undone.items()
            if pd.api.types.is_numeric_dtype(self.rows[name]) and not better.all()
        )

    def _spoils(self, change: Transformation, better: np.ndarray) -> bool:
        """Say whether a number's own values, which were as before, are that no more once undone.

        Of values that were shuffled, those can be chosen that fit better when they are less.
        """
        name = change.columns[0]
        own = [d for s, d in self.measured.items() if s.column == name and s.check in OF_VALUES]
        if len(change.columns) > 1 or not own or any(deviation.beyond for deviation in own):
            return False
        undone = change.undo(self.rows)[name].where(better, self.rows[name])
        counts = self._counter.count(arrow.table(with_values(self.rows, {name: undone}))).counts
        found = self.detector.measure(counts, self._hours, self.left_out)
        came, now = (each[Statistic("distance", name)].number for each in (self.measured, found))
        return now >= came

    def _outside(self, name: str, values: pd.Series) -> float:
        """Return the share of values that are beyond all that history had of a number."""
        planned = self.detector.baseline.plan.by_name.get(name)
        if not isinstance(planned, NumberPlan) or len(planned.edges) < 4:
            return 0.0
        known = values.dropna().to_numpy("float64")
        beyond = (known < planned.edges[1]) | (known > planned.edges[-2])
        return float(beyond.mean()) if len(known) else 0.0

    def _undone(self, change: Transformation) -> np.ndarray:
        # Divided by enough, any values come to stand in the middle. That they do is little told of
        # values that may lie anywhere in as many times the room: such is the density of a row.
        room = 2 * np.log(max(change.closer, 1.0))
        known = self.rows[list(change.columns)].notna().all(axis=1).to_numpy()
        return self.likelihood.energies_with(change.undo(self.rows)) + room * known
