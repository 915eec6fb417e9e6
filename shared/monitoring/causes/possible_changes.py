"""Which changes may have been made to rows: those that are tried of their odd columns."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from shared.baseline import baseline_profile, statistics
from shared.baseline.statistics import Statistic
from shared.monitoring.causes import transformations
from shared.monitoring.causes.categories import exchanges
from shared.monitoring.causes.numbers import unit_names
from shared.monitoring.causes.numbers.factors import DECIMAL, ERRORS, SURELY_NAMED, Factor
from shared.monitoring.causes.numbers.rounding import Rounding
from shared.monitoring.causes.transformations import Transformation, multiplied
from shared.monitoring.causes.trial import Trial
from shared.monitoring.input_checks.grain import grain
from shared.profiles.counting_plan import CategoryPlan, NumberPlan
from shared.profiles.gram import HOUR
from shared.words import in_form

MOST_COLUMNS = 6
# Of factors between units that are about as likely so many are named.
MOST_NAMED = 3
# Nearer to 1 a factor, as a logarithm, is none that anyone names: by how much it is more is said.
LEAST_TIMES = 0.05


class PossibleChanges:
    """The changes that may have been made to the rows of a trial."""

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        plan = trial.detector.baseline.plan
        numbers = [plan[name] for name in self.numbers]
        unseen = (trial.measured.get(Statistic("unseen", name)) for name in self.numbers)
        novel = {one.statistic.column: one.threshold for one in unseen if one}
        planned = [number for number in numbers if isinstance(number, NumberPlan)]
        self.rounding = Rounding(trial.rows, planned, novel)

    @property
    def numbers(self) -> list[str]:
        """The numbers that are beyond their thresholds, the farthest first."""
        plan = self.trial.detector.baseline.plan
        return [
            name
            for name in sorted(self.trial.beyond, key=lambda name: -self.trial.beyond[name])
            if name not in (*self.trial.left_out, HOUR)
            and isinstance(plan[name], NumberPlan)
            and pd.api.types.is_numeric_dtype(self.trial.rows[name])
        ][:MOST_COLUMNS]

    def changes(self) -> list[Transformation]:
        """Return what may have been done to one column, or been swapped."""
        numbers, time = self.numbers, self.trial.detector.baseline.plan.time
        offsets = {name: self._offset(name) for name in numbers}
        clock = transformations.changes_of_clock(time) if time in self.trial.rows else ()
        of_numbers = transformations.changes_of_numbers(numbers, offsets)
        return [*of_numbers, *self._exchanges(), *clock]

    def _exchanges(self) -> Iterator[Transformation]:
        """Yield of each category that is beyond its thresholds the likeliest exchange of names."""
        plan, before = self.trial.detector.baseline.plan, self.trial.detector.history
        odd = sorted(self.trial.beyond, key=lambda name: -self.trial.beyond[name])
        categories = [n for n in odd if isinstance(plan.by_name.get(n), CategoryPlan)]
        for name in [n for n in categories if n not in self.trial.left_out][:MOST_COLUMNS]:
            planned = plan[name]
            assert isinstance(planned, CategoryPlan)
            shares = [
                statistics.shares(counts[f"bins {name}"]) for counts in (self.trial.counts, before)
            ]
            names = [planned.categories[at] for at in exchanges.names_to_try(*shares)]
            if len(names) < 2:
                continue
            costs = self.trial.likelihood.costs_of_names(name, names)
            if was := exchanges.likeliest_names(names, costs, len(self.trial.rows)):
                yield transformations.renamed(name, was)

    def resized(self, name: str) -> list[Transformation]:
        """Return the shift and the factor that bring all of a number's values to history's size."""
        factor = self.trial.likelihood.factor(name)
        if factor is None or abs(np.log(factor.value)) < ERRORS * factor.error:
            return [self.shifted(name)]
        times = f"{name} is about {in_form(factor.value, '.2g')} times what it was"
        return [self.shifted(name), multiplied(name, factor.value, times, known=False)]

    def shifted(self, name: str) -> Transformation:
        """Return the plain shift of a number: what it does not explain better is no other change.

        Of it alone nothing is said in words: what drifts may be shifted as well.
        """
        planned = self.trial.detector.baseline.plan[name]
        assert isinstance(planned, NumberPlan)
        known = self.trial.rows[name].dropna()
        apart = float(known.median()) - planned.centre if len(known) else 0.0
        return transformations.shifted(name, apart)

    def multiplied(self, name: str) -> list[Transformation]:
        """Return the factor that all of a number's values may have been multiplied by, if any."""
        step, now = self.rounding.steps[name] or 0.0, grain(self.trial.rows[name]) or 0.0
        rounded_to = now if now > step else 0.0
        factor = self.trial.likelihood.factor(name, rounded_to, self._largest_distance(name))
        if factor is None:
            return []
        known = self._units(name, factor)
        if not known and abs(np.log(factor.value)) < LEAST_TIMES:
            return []
        if not known:
            depends = name == self.trial.culprit and name in self.trial.detector.dependences
            times = in_form(factor.value, ".3g")
            words = f"{name} is about {times} times what the other columns predict"
            return [multiplied(name, factor.value, words if depends else "", known=False)]
        change = multiplied(name, next(iter(known)), "", known=True)
        # What its rounding denies may have been written with more digits since.
        between = factor.reach if self.rounding.denies(change) else factor.between
        words = f"{name} looks like " + ", or ".join([*known.values()][:MOST_NAMED])
        if between:
            size = "about {:.2g} to {:.2g} times what it was".format(*between)
            words = words.replace("looks", f"is {size}, or looks", 1)
        elif not any(unit_names.is_likely(said, f, name) for f, said in known.items()):
            words = transformations.or_looks(name, change.closer, words)
        return [replace(change, words=words, several=len(known) > 1 or between is not None)]

    def fits(self, change: Transformation) -> bool:
        """Say whether a factor gives back values that history had.

        Where it had next to all that could have come of it, their sizes have to be those as well.
        """
        if not self.rounding.fits(change) or not self.rounding.fits_anyway(change):
            return self.rounding.fits(change)
        factor = self.trial.likelihood.factor(change.columns[0])
        return factor is None or not factor.denies(change.closer)

    def _units(self, name: str, factor: Factor) -> dict[float, str]:
        """Return the factors between units that a number's name and its rounding allow.

        Where rounding denies each of them, they are all left. A point that is set elsewhere is
        likelier than a unit near it of which the name says nothing.
        """
        surely = factor.known_from(SURELY_NAMED)
        known = {f: said for f, said in factor.known.items() if unit_names.may_be(said, name)} or {
            f: said for f, said in surely.items() if unit_names.is_of(said, name)
        }
        changes = {f: multiplied(name, f, "", known=True) for f in known}
        known = {f: known[f] for f in known if not self.rounding.denies(changes[f])} or known
        decimal = DECIMAL.intersection(known)
        return {
            f: said
            for f, said in known.items()
            if not decimal or f in decimal or unit_names.is_of_quantity(said, name)
        }

    def _largest_distance(self, name: str) -> float:
        """Return how far a number was in ordinary spans, without what chance makes of it."""
        statistic = Statistic("distance", name)
        key, baseline = baseline_profile.statistic_key(statistic), self.trial.detector.baseline
        found = self.trial.measured.get(statistic)
        if found is None or found.largest is None:
            return 0.0
        # What few long spans cannot show is that of shorter ones.
        rows = min(span.rows for span in baseline.spans if span.largest[key] == found.largest)
        chance = baseline.noise[key].most / max(rows, 1) ** 0.5
        return float(max(found.largest**2 - chance**2, 0.0) ** 0.5)

    def _offset(self, column: str) -> float:
        """Return by how much a number is above what the other columns predict, on average."""
        plan = self.trial.detector.baseline.plan[column]
        return (
            self.trial.likelihood.offset(column) * plan.scale
            if isinstance(plan, NumberPlan)
            else 0.0
        )
