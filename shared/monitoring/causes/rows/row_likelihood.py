"""How likely rows are by a history: their own values, and how well they fit each other.

Of a number it is how often history had such values, in bins; of all columns together it is linear
dependence, as of a normal distribution. So changes of other scales are compared as they should be.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
import pandas as pd

from shared.monitoring.causes import transformations
from shared.monitoring.causes.numbers import factors
from shared.monitoring.causes.numbers.factors import Factor, OwnValues
from shared.monitoring.causes.transformations import Transformation
from shared.monitoring.input_checks.detection import DriftDetector
from shared.profiles import gram
from shared.profiles.counting_plan import CategoryPlan, NumberPlan
from shared.profiles.gram import HOUR, STEPS
from shared.schema import arrow

# Of a number with fewer bins than these only the values tell its factor.
FEWEST_BINS = 20
# A difference of so many standard errors is one.
ERRORS = 2.0


class RowLikelihood:
    """Rows, their features in whole steps, and how badly each hangs together (`energies`).

    `inverse` is the precision matrix of the features.
    """

    def __init__(
        self,
        rows: pd.DataFrame,
        features: np.ndarray,
        detector: DriftDetector,
        inverse: np.ndarray,
    ) -> None:
        self._rows, self._detector, self._inverse = rows, detector, inverse
        self._features = features.astype("float64") / STEPS
        self.energies = self._energy_per_row(self._features)

    def offset(self, name: str) -> float:
        """Return by how many scales a number is above what the others predict, on average."""
        at, means = self._detector.groups[name].start, self._features.mean(axis=1)
        return float(self._inverse[at] @ means / self._inverse[at, at])

    def energies_with(self, undone: Mapping[str, pd.Series]) -> np.ndarray:
        """Return how badly each row hangs together with other values of some columns."""
        plan, groups = self._detector.baseline.plan, self._detector.groups
        features = self._features.copy()
        for name, column in undone.items():
            if name == plan.time:
                moments = arrow.seconds(arrow.table(column.to_frame())[name])
                features[groups[HOUR]] = gram.hour_waves(moments) / STEPS
            elif isinstance(planned := plan[name], NumberPlan):
                numbers = column.to_numpy("float64", na_value=np.nan)
                features[groups[name]] = gram.standard_scores(numbers, planned) / STEPS
            elif name in groups:
                features[groups[name]] = np.arange(planned.related)[:, None] == _codes(
                    column, planned
                )
        return self._energy_per_row(features)

    def costs_of_names(self, name: str, names: Sequence[str]) -> np.ndarray:
        """Return how unlikely the rows of each name of a category are, if they had each one.

        Twice the logarithm, added up, by how often history had each name and by how well it fits
        the other columns; shape (names, names).
        """
        came, costs = transformations.as_texts(self._rows[name]), []
        for other in names:
            column = pd.Series(other, came.index)
            cost = self.energies_with({name: column}) + self._unlikely(name, column)
            costs.append([cost[(came == each).to_numpy("bool")].sum() for each in names])
        return np.array(costs).T

    def factor(self, name: str, rounded_to: float = 0.0, distance: float = 0.0) -> Factor | None:
        """Return the factor that a number was multiplied by; None where it is not known.

        Values that were `rounded_to` so much since lie anywhere around what they are now. The
        `distance` of ranks is the largest that ordinary spans had.
        """
        planned = self._detector.baseline.plan[name]
        if not isinstance(planned, NumberPlan) or len(planned.edges) < FEWEST_BINS:
            return None
        values = self._rows[name].to_numpy("float64", na_value=np.nan)
        if rounded_to:
            around = np.random.default_rng(0).uniform(-rounded_to / 2, rounded_to / 2, len(values))
            values = np.where(values == 0, np.abs(around), values + around)
        known = np.isfinite(values) & (values != 0)
        own = self._own[name]
        at = self._detector.groups[name].start
        pull = self._inverse[at] @ self._features[:, known]
        score, of, energies = self._features[at, known], values[known], self.energies[known]
        if len(np.unique(of)) < 2:
            return None

        def unlikelihood(tried: np.ndarray) -> np.ndarray:
            undone = of[:, None] / tried
            scores = self._scores(name, undone)
            by = scores - score[:, None]
            energy = energies[:, None] + 2 * by * pull[:, None] + by**2 * self._inverse[at, at]
            alone = own(undone) + 2 * np.log(np.abs(tried))
            by_itself = self._alone(name, scores.reshape(1, -1)).reshape(scores.shape)
            return alone + energy - by_itself

        found = factors.estimate(of, own.middle, unlikelihood)
        if found is None:
            return None
        # What others predict of it may wander with them.
        alone = 1 / (self._inverse[at, at] * max(self._variance(at), gram.RIDGE))
        return replace(found, wander=own.wander(distance) * min(1.0, float(alone)) ** 0.5)

    def _variance(self, at: int) -> float:
        """Return how much a feature varied in history."""
        before = self._detector.history["gram"]
        rows = max(float(before[0, 0]), 1.0)
        return float(before[at, at] / rows - (before[at, 0] / rows) ** 2)

    def gain(self, change: Transformation) -> float:
        """Return how much likelier rows are with a change undone in all: twice the logarithm.

        A number's own values are as likely as history had them; that they fit the others is judged
        by linear dependence.
        """
        gain, moved = self._gains(change)
        parameter = np.log(len(self._rows)) if change.about else 0.0
        return float(gain[moved].sum()) - parameter

    def as_likely(self, one: Transformation, other: Transformation) -> bool:
        """Say whether rows are about as likely with either change of a number undone.

        Rows of one value are likely together: its distinct values are what tells, however many rows
        have them.
        """
        (gain, _), (of_other, _) = self._gains(one), self._gains(other)
        by_value = pd.Series(of_other - gain).groupby(self._rows[one.columns[0]])
        more, rows = by_value.sum(), by_value.size()
        error = np.sqrt(((more - rows * more.sum() / max(rows.sum(), 1)) ** 2).sum())
        return float(more.sum()) <= ERRORS * float(error)

    def is_likelier(self, one: Transformation, other: Transformation) -> bool:
        """Say whether rows are likelier with one change undone than with another, beyond chance."""
        more = self._gains(one)[0] - self._gains(other)[0]
        return float(more.sum()) > ERRORS * float(more.std()) * len(more) ** 0.5

    def _gains(self, change: Transformation) -> tuple[np.ndarray, np.ndarray]:
        """Return how much likelier each row is with a change undone, and which it changes."""
        undone = change.undo(self._rows)
        gain = self.energies - self.energies_with(undone)
        moved = np.zeros(len(self._rows), "bool")
        for name, column in undone.items():
            moved |= (column != self._rows[name]).fillna(True).to_numpy("bool")
            by = self._unlikely(name, self._rows[name]) - self._unlikely(name, column)
            known = np.isfinite(by)
            gain[known] += by[known]
            gain[known] -= 2 * np.log(change.closer)
        return gain, moved

    def _unlikely(self, name: str, column: pd.Series) -> np.ndarray:
        """Return how unlikely values are by themselves, beyond what energies know; NaN for none."""
        plan, history = self._detector.baseline.plan, self._detector.history
        if name in self._own:
            values = column.to_numpy("float64", na_value=np.nan)
            alone = self._alone(name, self._scores(name, values)[None])
            return np.where(np.isfinite(values), self._own[name](values) - alone, np.nan)
        if name == plan.time:
            moments = arrow.seconds(arrow.table(column.to_frame())[name])
            codes = np.nan_to_num(moments // arrow.HOUR_SECONDS % gram.HOURS, nan=gram.HOURS)
            features, name = gram.hour_waves(moments) / STEPS, HOUR
        elif isinstance(planned := plan[name], CategoryPlan):
            codes = _codes(column, planned)
            features = (np.arange(planned.related)[:, None] == codes).astype("float64")
        else:
            return np.full(len(column), np.nan)
        counted = history[f"bins {name}"]
        share = (counted + 0.5) / (counted.sum() + 0.5 * len(counted))
        unlikely = np.append(-2 * np.log(share), np.nan)[codes.astype("int64")]
        return unlikely - self._alone(name, features)

    def _alone(self, name: str, features: np.ndarray) -> np.ndarray:
        """Return what a column's features are worth by themselves, as energies are."""
        before, at = self._detector.history["gram"], self._detector.groups.get(name, slice(0, 0))
        rows = max(float(before[0, 0]), 1.0)
        mean = before[at, :1] / rows
        spread = before[at, at] / rows - mean * mean.T + gram.RIDGE * np.eye(len(mean))
        apart = features - mean
        return ((np.linalg.inv(spread) @ apart) * apart).sum(axis=0)

    def _scores(self, name: str, values: np.ndarray) -> np.ndarray:
        planned = self._detector.baseline.plan[name]
        assert isinstance(planned, NumberPlan)
        flat = gram.standard_scores(values.ravel().astype("float64"), planned)
        return flat.reshape(values.shape) / STEPS

    @cached_property
    def _own(self) -> dict[str, OwnValues]:
        plan, history = self._detector.baseline.plan, self._detector.history
        return {
            name: OwnValues(planned, history[f"bins {name}"])
            for name, planned in plan.by_name.items()
            if isinstance(planned, NumberPlan) and len(planned.edges) > 1
        }

    def _energy_per_row(self, features: np.ndarray) -> np.ndarray:
        return ((self._inverse @ features) * features).sum(axis=0)


def _codes(column: pd.Series, planned: CategoryPlan) -> np.ndarray:
    """Return the place of each value of a category, that after the last one where it is missing."""
    table = arrow.table(column.rename(planned.name).to_frame())
    codes, missing = arrow.codes(table[planned.name], planned.categories)
    return np.where(missing, planned.width, codes)
