"""How likely rows are by a history: their own values, and how well they fit each other.

Of a number it is how often history had such values, in bins; of all columns together it is linear
dependence, as of a normal distribution. So changes of other scales are compared as they should be.
"""

from collections.abc import Mapping
from functools import cached_property

import numpy as np
import pandas as pd

from shared.monitoring.causes import factors
from shared.monitoring.causes.factors import Factor, OwnValues
from shared.monitoring.causes.transformations import Transformation
from shared.monitoring.detection import DriftDetector
from shared.profiles import gram
from shared.profiles.counting_plan import NumberPlan
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
        return self._energy_per_row(features)

    def factor(self, name: str) -> Factor | None:
        """Return the factor that a number was multiplied by; None where it is not known."""
        planned = self._detector.baseline.plan[name]
        if not isinstance(planned, NumberPlan) or len(planned.edges) < FEWEST_BINS:
            return None
        values = self._rows[name].to_numpy("float64", na_value=np.nan)
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
            return alone + energy - self._alone(name, scores)

        return factors.estimate(of, own.middle, unlikelihood)

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

    def _gains(self, change: Transformation) -> tuple[np.ndarray, np.ndarray]:
        """Return how much likelier each row is with a change undone, and which it changes."""
        undone = change.undo(self._rows)
        gain = self.energies - self.energies_with(undone)
        moved = np.zeros(len(self._rows), "bool")
        for name, column in undone.items():
            moved |= (column != self._rows[name]).fillna(True).to_numpy("bool")
            if name not in self._own:
                continue
            before, after = (
                each.to_numpy("float64", na_value=np.nan) for each in (self._rows[name], column)
            )
            known = np.isfinite(before) & np.isfinite(after)
            gain[known] += self._unlikely(name, before[known]) - self._unlikely(name, after[known])
            gain[known] -= 2 * np.log(change.closer)
        return gain, moved

    def _unlikely(self, name: str, values: np.ndarray) -> np.ndarray:
        return self._own[name](values) - self._alone(name, self._scores(name, values))

    def _alone(self, name: str, scores: np.ndarray) -> np.ndarray:
        """Return what a number's standard scores are worth by themselves, as energies are."""
        before, at = self._detector.history["gram"], self._detector.groups[name].start
        rows = max(float(before[0, 0]), 1.0)
        mean, square = before[0, at] / rows, before[at, at] / rows
        return (scores - mean) ** 2 / (square - mean**2 + gram.RIDGE)

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
