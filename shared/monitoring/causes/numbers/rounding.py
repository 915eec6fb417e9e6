"""Rounding: what the steps of a number's values tell of the changes that it may have been through.

History's values may be multiples of a step, such as tenths, and a window's of another one.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from shared.monitoring.causes import transformations
from shared.monitoring.causes.transformations import Transformation
from shared.monitoring.causes.trial import HAD
from shared.monitoring.input_checks.grain import FEWEST_VALUES, MOST, grain, share_of_multiples
from shared.profiles.counting_plan import NumberPlan

# Where rounding leaves values at most such a share of all places, and all of them are there though
# by chance they rarely would be, that is how they were rounded.
MOST_CHANCE, NO_CHANCE = 0.7, 1e-5
# In float32, in which history's values are kept.
ERROR = 1e-6
# On either side of a value so many places are looked at, where it could have come to lie as well.
NEIGHBOURS = 5


class Rounding:
    """How numbers were rounded in history, by the values that their bins begin at, and since.

    `steps` are what numbers were multiples of: 0 where of none, None where that is not known.
    `novel` is of each the share of values that may be none of those which history had.
    """

    def __init__(
        self, rows: pd.DataFrame, numbers: Sequence[NumberPlan], novel: Mapping[str, float]
    ) -> None:
        self._rows, self._plans = rows, {number.name: number for number in numbers}
        self._novel = novel
        self.steps = {
            number.name: grain(pd.Series(number.edges[1:-2], dtype="float64")) for number in numbers
        }

    def exact(self, change: Transformation) -> Transformation | None:
        """Return a change that gives back values as history had, rounded as they were."""
        if self._is_rounded_back(change):
            return transformations.rounded(change, self.steps[change.columns[0]] or 0.0)
        return change if self.fits(change) and not self.fits_anyway(change) else None

    def _is_rounded_back(self, change: Transformation) -> bool:
        """Say whether each value lies, undone, where rounding has put a multiple of history's step.

        A value that was rounded since is no farther from it than half of what it was rounded to.
        That all are is no chance where they could well lie elsewhere.
        """
        placed = self._placed(change)
        if placed is None:
            return False
        share, chance, values = placed
        return share >= MOST and values * np.log(chance) <= np.log(NO_CHANCE)

    def denies(self, change: Transformation) -> bool:
        """Say whether values lie, undone, where no rounding has put multiples of history's step.

        What is of other sizes than ever, as in another season, may then come near to history's.
        """
        placed = self._placed(change)
        return (placed is not None and placed[0] < HAD) or self._is_elsewhere(change)

    def _is_elsewhere(self, change: Transformation) -> bool:
        """Say whether values lie, undone, between those that history had, where it had few others.

        Those beyond its range may be of another season.
        """
        planned = self._plans.get(change.columns[0])
        if len(change.columns) > 1 or change.any_size or planned is None:
            return False
        had, undone = np.array(planned.values or ()), change.undo(self._rows)[planned.name]
        found = undone.dropna().to_numpy("float64")
        if len(had) < FEWEST_VALUES or not (step := grain(self._rows[planned.name])):
            return False
        found = found[(found >= had[0]) & (found <= had[-1])]
        reach = step / change.closer / 2 + ERROR * np.abs(had).max()
        chance = np.minimum(np.diff(had), 2 * reach).sum() / np.ptp(had)
        if len(np.unique(found)) < FEWEST_VALUES or chance > MOST_CHANCE:
            return False
        at = np.searchsorted(had, found).clip(1, len(had) - 1)
        apart = np.minimum(np.abs(found - had[at - 1]), np.abs(found - had[at]))
        known = float((apart <= reach).mean())
        return known < min(HAD, 1 - self._novel.get(planned.name, 0.0))

    def fits_anyway(self, change: Transformation) -> bool:
        """Say whether history had most values that a change of its kind could have brought as well.

        Tenths of any whole numbers are tenths, as history's were. What lies beside the values that
        came is looked at, as history had few of those that are rare.
        """
        planned = self._plans[change.columns[0]]
        had, now = np.array(planned.values or ()), grain(self._rows[planned.name])
        if len(had) < FEWEST_VALUES or not now:
            return False
        apart = np.arange(-NEIGHBOURS, NEIGHBOURS + 1) * now / change.closer
        undone = change.undo(self._rows)[planned.name].dropna().to_numpy("float64")
        places = np.add.outer(undone, apart[apart != 0])
        places = places[(places >= had[0]) & (places <= had[-1])]
        chance = np.isin(places.astype("float32"), had.astype("float32"))
        return bool(chance.sum() > MOST_CHANCE * len(places))

    def _placed(self, change: Transformation) -> tuple[float, float, int] | None:
        """Return which share of undone values lies where rounding has put multiples of the step.

        With it come that of all places, and how many values differ. None where that tells nothing.
        """
        name = change.columns[0]
        step = self.steps.get(name) if len(change.columns) == 1 else None
        if not step or change.any_size:
            return None
        undone = change.undo(self._rows)[name].dropna().unique().astype("float64")
        reach = (grain(self._rows[name]) or 0.0) / change.closer / 2
        chance = 2 * reach / step
        if not 0 < chance <= MOST_CHANCE:
            return None
        apart = np.abs(undone - np.rint(undone / step) * step)
        return float((apart <= reach * (1 + 1e-6)).mean()), chance, len(undone)

    def fits(self, change: Transformation) -> bool:
        """Say whether a number's values are, undone, nearly all such as history had.

        They are among few, or rounded as they were. Where they are that as they came, only a factor
        can be told by them, and no rounding.
        """
        planned = self._plans.get(change.columns[0])
        if change.any_size or len(change.columns) > 1 or planned is None:
            return False
        came, undone = self._rows[planned.name], change.undo(self._rows)[planned.name]
        sides = [values[came != 0].dropna().to_numpy("float64") for values in (undone, came)]
        if not len(sides[0]):
            return False
        known = [
            float(np.isin(one.astype("float32"), planned.values or ()).mean()) for one in sides
        ]
        if known[0] >= HAD and (change.factor or known[1] < HAD):
            return True
        step = self.steps.get(planned.name)
        rounded = [share_of_multiples(one, step) for one in sides] if step else [0.0, 0.0]
        return rounded[0] >= HAD > rounded[1]
