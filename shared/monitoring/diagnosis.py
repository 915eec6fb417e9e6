"""Likely causes, found by trying: a change that, undone, makes a window usual again.

Units, scales, signs and offsets of a number; two columns that changed places; a time zone. Each is
undone in those rows that hang together better with it than without, so that a change which reached
a part of the rows is found as well.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shared.monitoring import transformations
from shared.monitoring.detection import DriftDetector
from shared.monitoring.transformations import Transformation
from shared.profiles import gram
from shared.profiles.counter import Counter
from shared.profiles.counting_plan import SCORE, NumberPlan
from shared.profiles.gram import HOUR, STEPS
from shared.schema import arrow

ROWS = 2_000
MOST_COLUMNS = 6
# So many changes, those after which the rows hang together best, are looked at more closely.
MOST_TRIED = 6
# A cause is named when no more than this share of what was beyond the thresholds remains.
REMAINS = 0.2
FEWEST_REPAIRED = 0.05
# Rows that are mended spread at least so far beside the others.
LEAST_SPREAD = 0.3
# Beyond this share it may have been all rows.
MOSTLY = 0.5


@dataclass(frozen=True)
class Cause:
    """What was done to which columns, in words, and in which share of the rows.

    Where `due`, nobody need have broken anything: clocks are put forward and back every year.
    """

    columns: tuple[str, ...]
    words: str
    share: float
    due: bool


def find(
    sample: pd.DataFrame, measure: DriftDetector, hours: float, culprit: str | None = None
) -> Cause | None:
    """Return the change that explains most of what is unusual in some rows; None if none does.

    Where a column is known to be the `culprit`, changes of it are tried before others; one that
    reached a part of the rows has to be of it.
    """
    trial = _Trial(sample.head(ROWS).reset_index(drop=True), measure, hours, culprit)
    if not trial.beyond:
        return None
    tried = trial.changes()
    own = [change for change in tried if culprit in change.columns]
    return (
        _best(trial, own)
        or _best(trial, tried)
        or _best(trial, transformations.of_two(trial.numbers))
    )


def _best(trial: "_Trial", tried: Iterable[Transformation]) -> Cause | None:
    found = [(trial.energy(change), change) for change in tried]
    ranked = sorted(found, key=lambda pair: pair[0])[:MOST_TRIED]
    for energy, change in ranked:
        share = trial.share_repaired(change) if energy < trial.energy_as_is else None
        if share is not None:
            return Cause(change.columns, change.words, share, change.due)
    return None


class _Trial:
    """Rows that are changed back in one way after another."""

    def __init__(
        self, rows: pd.DataFrame, measure: DriftDetector, hours: float, culprit: str | None
    ) -> None:
        self.rows, self.measure, self._hours = rows, measure, hours
        self._culprit = culprit
        # The score was made of the rows as they came: it stays odd when they are mended.
        known = gram.without_columns(measure.history["gram"], measure.groups, {SCORE})
        self._inverse = gram.precision(known)
        at = measure.groups.get(SCORE, slice(0, 0))
        self._inverse[at, at] = 0
        self._counter = Counter(measure.baseline.plan)
        counted = self._counter.count(arrow.table(rows))
        self._features = counted.features.astype("float64") / STEPS
        self._energies = self._of_each(self._features)
        self.energy_as_is = float(self._energies.mean())
        self.beyond = measure.beyond(measure.tied(counted.counts, rows), hours, (SCORE,))

    @property
    def numbers(self) -> list[str]:
        """The numbers that are beyond their thresholds, the farthest first."""
        plan = self.measure.baseline.plan
        return [
            name
            for name in sorted(self.beyond, key=lambda name: -self.beyond[name])
            if name not in (SCORE, HOUR)
            and isinstance(plan[name], NumberPlan)
            and pd.api.types.is_numeric_dtype(self.rows[name])
        ][:MOST_COLUMNS]

    def changes(self) -> list[Transformation]:
        """Return what may have been done to one column, or been swapped."""
        numbers, time = self.numbers, self.measure.baseline.plan.time
        found = [
            *transformations.of_numbers(numbers, {name: self._offset(name) for name in numbers})
        ]
        return [*found, *transformations.of_clock(time)] if time in self.rows else found

    def energy(self, change: Transformation) -> float:
        """Return how badly rows hang together when each is changed back or not, as suits it."""
        undone = self._undone(change)
        found = undone if change.of_all else np.minimum(undone, self._energies)
        return change.cost * float(found.mean())

    def share_repaired(self, change: Transformation) -> float | None:
        """Return the share of rows that a change has to be undone in for all to be usual.

        None if that is almost none of them, if they all have one value, or if too much remains.
        """
        better = (self._undone(change) < self._energies) | change.of_all
        known = self.rows[list(change.columns)].notna().all(axis=1)
        share = float(better[known].mean()) if known.any() else 0.0
        if share < FEWEST_REPAIRED or self.rows.loc[better, change.columns[0]].nunique() < 2:
            return None
        if share > MOSTLY and self._repaired(change, np.ones_like(better)):
            return 1.0
        # Of some rows, those can be chosen in which another column's change is made up for.
        to_blame = self._culprit is None or self._culprit in change.columns
        to_blame &= self._alike(change, better)
        return share if to_blame and self._repaired(change, better) else None

    def _alike(self, change: Transformation, better: np.ndarray) -> bool:
        """Tell whether changed rows, once undone, spread like the others.

        Divided by enough, any values come to stand in the middle, where they tell nothing.
        """
        undone = change.undo(self.rows)
        return all(
            found[better].std() >= LEAST_SPREAD * self.rows.loc[~better, name].std()
            for name, found in undone.items()
            if pd.api.types.is_numeric_dtype(self.rows[name]) and not better.all()
        )

    def _repaired(self, change: Transformation, at: np.ndarray) -> bool:
        """Tell whether rows are usual again after a change was undone in those `at`."""
        undone = change.undo(self.rows)
        mixed = {name: column.where(at, self.rows[name]) for name, column in undone.items()}
        rows = self.rows.assign(**mixed)
        counted = self.measure.tied(self._counter.count(arrow.table(rows)).counts, rows)
        # In all rows: of some rows, any offset could be made to fit.
        about = change.columns if change.about and at.all() else ()
        remains = self.measure.beyond(counted, self._hours, (SCORE,), about)
        own = sum(remains.get(name, 0.0) for name in change.columns)
        before = sum(self.beyond.get(name, 0.0) for name in change.columns)
        enough = sum(remains.values()) <= REMAINS * sum(self.beyond.values())
        return enough and own <= REMAINS * before

    def _offset(self, column: str) -> float:
        """Return by how much a number is above what the other columns tell, on average."""
        at, inverse = self.measure.groups[column].start, self._inverse
        plan = self.measure.baseline.plan[column]
        means = self._features.mean(axis=1)
        left = float(inverse[at] @ means / inverse[at, at])
        return left * plan.scale if isinstance(plan, NumberPlan) else 0.0

    def _undone(self, change: Transformation) -> np.ndarray:
        plan, groups = self.measure.baseline.plan, self.measure.groups
        features = self._features.copy()
        for name, column in change.undo(self.rows).items():
            if name == plan.time:
                moments = arrow.seconds(arrow.table(column.to_frame())[name])
                features[groups[HOUR]] = gram.hour_waves(moments) / STEPS
            elif isinstance(found := plan[name], NumberPlan):
                numbers = column.to_numpy("float64", na_value=np.nan)
                features[groups[name]] = gram.standard_scores(numbers, found) / STEPS
        return self._of_each(features)

    def _of_each(self, features: np.ndarray) -> np.ndarray:
        return ((self._inverse @ features) * features).sum(axis=0)
