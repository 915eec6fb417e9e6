"""A trial: rows that are changed back in one way after another, to see what is normal again."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from functools import cached_property

import numpy as np
import pandas as pd

from shared.baseline import baseline_profile, statistics
from shared.baseline.statistics import Statistic
from shared.monitoring.causes import exchanges, transformations, unit_names
from shared.monitoring.causes.factors import ERRORS, SURELY_NAMED
from shared.monitoring.causes.row_likelihood import RowLikelihood
from shared.monitoring.causes.transformations import Transformation, multiplied
from shared.monitoring.input_checks.detection import Deviation, DriftDetector
from shared.monitoring.input_checks.grain import FEWEST_VALUES, MOST, grain, share_of_multiples
from shared.profiles import gram
from shared.profiles.counter import Counter
from shared.profiles.counting_plan import CategoryPlan, NumberPlan
from shared.profiles.counts import Counts
from shared.profiles.gram import HOUR
from shared.schema import arrow

MOST_COLUMNS = 6
# So many changes, those after which the rows hang together best, are looked at more closely.
MOST_TRIED = 6
# So large a share of values that history had, where few numbers are among them, is no chance.
HAD = 0.9
# Where rounding leaves values at most such a share of all places, and all of them are there though
# by chance they rarely would be, that is how they were rounded.
MOST_CHANCE, NO_CHANCE = 0.7, 1e-5
# Of factors between units that are about as likely so many are named.
MOST_NAMED = 3
# A cause is named when no more than this share of what was beyond the thresholds remains.
REMAINS = 0.2
LEAST_SHARE = 0.05
# Of what was odd of a category so much may be left, by chance, where its names were exchanged.
UNEXPLAINED = 0.35
# Nearer to 1 a factor, as a logarithm, is none that anyone names: by how much it is more is said.
LEAST_TIMES = 0.05
# Rows that are mended spread at least so far beside the others.
LEAST_SPREAD = 0.3
# Of two columns that changed places, no more values are beyond all that each had in history.
MOST_OUTSIDE = 0.02
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
        self._left_out = {*plan.watched, *(HOUR if n == plan.time else n for n in others)}
        inputs = gram.without_columns(detector.history["gram"], detector.groups, self._left_out)
        inverse = gram.precision(inputs)
        for name in self._left_out:
            at = detector.groups.get(name, slice(0, 0))
            inverse[at, at] = 0
        self._counter = Counter(plan)
        counted = self._counter.count(arrow.table(rows))
        self._likelihood = RowLikelihood(rows, counted.features, detector, inverse)
        self._energies = self._likelihood.energies
        self.energy_as_is = float(self._energies.mean())
        self._counts = detector.with_dependences(counted.counts, rows)
        self.beyond = detector.beyond(self._counts, hours, self._left_out)

    @property
    def numbers(self) -> list[str]:
        """The numbers that are beyond their thresholds, the farthest first."""
        plan = self.detector.baseline.plan
        return [
            name
            for name in sorted(self.beyond, key=lambda name: -self.beyond[name])
            if name not in (*self._left_out, HOUR)
            and isinstance(plan[name], NumberPlan)
            and pd.api.types.is_numeric_dtype(self.rows[name])
        ][:MOST_COLUMNS]

    def changes(self) -> list[Transformation]:
        """Return what may have been done to one column, or been swapped."""
        numbers, time = self.numbers, self.detector.baseline.plan.time
        offsets = {name: self._offset(name) for name in numbers}
        clock = transformations.changes_of_clock(time) if time in self.rows else ()
        of_numbers = transformations.changes_of_numbers(numbers, offsets)
        return [*of_numbers, *self._exchanges(), *clock]

    def _exchanges(self) -> Iterator[Transformation]:
        """Yield of each category that is beyond its thresholds the likeliest exchange of names."""
        plan, before = self.detector.baseline.plan, self.detector.history
        odd = sorted(self.beyond, key=lambda name: -self.beyond[name])
        categories = [n for n in odd if isinstance(plan.by_name.get(n), CategoryPlan)]
        for name in [n for n in categories if n not in self._left_out][:MOST_COLUMNS]:
            planned = plan[name]
            assert isinstance(planned, CategoryPlan)
            shares = [
                statistics.shares(counts[f"bins {name}"]) for counts in (self._counts, before)
            ]
            names = [planned.categories[at] for at in exchanges.names_to_try(*shares)]
            if len(names) < 2:
                continue
            costs = self._likelihood.costs_of_names(name, names)
            if was := exchanges.likeliest_names(names, costs, len(self.rows)):
                yield transformations.renamed(name, was)

    def resized(self, name: str) -> list[Transformation]:
        """Return the shift and the factor that bring all of a number's values to history's size."""
        factor = self._likelihood.factor(name)
        if factor is None or abs(np.log(factor.value)) < ERRORS * factor.error:
            return [self._shifted(name)]
        times = f"{name} is about {factor.value:.2g} times what it was"
        return [self._shifted(name), multiplied(name, factor.value, times, known=False)]

    def likeliest_of_all(self, tried: Iterable[Transformation]) -> Transformation | None:
        """Return the change of all rows that makes them the likeliest, and normal again.

        Several factors of a number may be about as likely: they are one change, and of the unknown
        ones of a number that does not depend on others, nothing can be said in words.
        """
        culprit = self.culprit
        blamed = [name for name in self.numbers if name == culprit] or self.numbers
        if culprit is not None:
            tried = [change for change in tried if culprit in change.columns]
        # Of few values a change is certain that gives back those which history had.
        tried = [*tried]
        exact = [*filter(None, map(self._exact, tried))]
        others = [
            change
            for change in tried
            if not change.factor and (change.cost == 1 or self.energy(change) < self.energy_as_is)
        ]
        factors_of = [change for name in blamed for change in self._multiplied(name)]
        shifts = [self._shifted(name) for name in blamed]
        return self._normal_again(exact) or self._normal_again([*shifts, *factors_of, *others])

    def is_likelier(self, one: Transformation, other: Transformation) -> bool:
        """Say whether rows are likelier with one change undone than with another, beyond chance."""
        return self._likelihood.is_likelier(one, other)

    def _exact(self, change: Transformation) -> Transformation | None:
        """Return a change that gives back values as history had, rounded as they were."""
        if self._is_rounded_back(change):
            return transformations.rounded(change, self._steps[change.columns[0]] or 0.0)
        return change if self._had_by_history(change) else None

    def _is_rounded_back(self, change: Transformation) -> bool:
        """Say whether each value lies, undone, where rounding has put a multiple of history's step.

        A value that was rounded since is no farther from it than half of what it was rounded to.
        That all are is no chance where they could well lie elsewhere.
        """
        name = change.columns[0]
        step = self._steps.get(name) if len(change.columns) == 1 else None
        if not step or change.any_size:
            return False
        undone = change.undo(self.rows)[name].dropna().unique().astype("float64")
        reach = (grain(self.rows[name]) or 0.0) / change.closer / 2
        chance = 2 * reach / step
        if not 0 < chance <= MOST_CHANCE or len(undone) * np.log(chance) > np.log(NO_CHANCE):
            return False
        apart = np.abs(undone - np.rint(undone / step) * step)
        return bool((apart <= reach * (1 + 1e-6)).mean() >= MOST)

    def _had_by_history(self, change: Transformation) -> bool:
        """Say whether a number's values are, undone, nearly all such as history had.

        They are among few, or rounded as they were. Where they are that as they came, only a factor
        can be told by them, and no rounding.
        """
        planned = self.detector.baseline.plan.by_name.get(change.columns[0])
        if change.any_size or len(change.columns) > 1 or not isinstance(planned, NumberPlan):
            return False
        came, undone = self.rows[planned.name], change.undo(self.rows)[planned.name]
        sides = [values[came != 0].dropna().to_numpy("float64") for values in (undone, came)]
        if not len(sides[0]):
            return False
        known = [
            float(np.isin(one.astype("float32"), planned.values or ()).mean()) for one in sides
        ]
        if known[0] >= HAD and (change.factor or known[1] < HAD):
            return True
        step = self._steps.get(planned.name)
        rounded = [share_of_multiples(one, step) for one in sides] if step else [0.0, 0.0]
        return rounded[0] >= HAD > rounded[1]

    @cached_property
    def _measured(self) -> dict[Statistic, Deviation]:
        """What is measured of the rows as they came."""
        return self.detector.measure(self._counts, self._hours, self._left_out)

    @cached_property
    def _steps(self) -> dict[str, float | None]:
        """What numbers are multiples of in history, by the values that its bins begin at."""
        plan = self.detector.baseline.plan
        edges = {name: plan[name] for name in self.numbers}
        return {
            name: grain(pd.Series(planned.edges[1:-2], dtype="float64"))
            for name, planned in edges.items()
            if isinstance(planned, NumberPlan)
        }

    def _normal_again(self, tried: Iterable[Transformation]) -> Transformation | None:
        """Return the likeliest of the changes of all rows that are normal without it.

        With it come those of the same number that its distinct values tell as little apart.
        """
        gains = [(self._likelihood.gain(change), change) for change in tried]
        every, found = np.ones(len(self.rows), "bool"), list[Transformation]()
        ranked = sorted(gains, key=lambda pair: -pair[0])[:MOST_TRIED]
        for gain, change in ranked:
            if gain <= 0 or self.rows[change.columns[0]].nunique() < 2:
                continue
            # Values may have been rounded.
            about = replace(change, about=True)
            if not found and self._is_normal(change, every):
                found = [change]
            elif not found and change.closer != 1 and self._is_normal(about, every):
                found = [replace(about, likely=True)]
            elif found and change.columns == found[0].columns[:1]:
                same = self._likelihood.as_likely(about, found[0])
                found += [about] if same and self._is_normal(about, every) else []
        if not found:
            return None
        if found[0].likely:
            # What needs no rounding to be normal again is likelier.
            exact = [change for _, change in ranked if not change.about]
            found = [one for one in exact if self._is_normal(one, every)][:1] or found
        if any(change.any_size and not change.plain for change in found):
            # By how much it is off is said once.
            found = [change for change in found if not change.plain]
        named = transformations.any_of(found[:MOST_NAMED])
        if len(found) == 1 and named.plain:
            return replace(named, words="")
        return self._or_another(named, [one for _, one in ranked]) if named.of_all else named

    def _or_another(self, found: Transformation, tried: Iterable[Transformation]) -> Transformation:
        """Return a change of the clock or of names with one of the other that tells as much."""
        every = np.ones(len(self.rows), "bool")
        others = (one for one in tried if one.of_all and one.names != found.names)
        other = next((one for one in others if self._is_normal(one, every)), None)
        if other is None or self._likelihood.is_likelier(found, other):
            return found
        return transformations.either(*sorted((found, other), key=lambda one: not one.names))

    def _shifted(self, name: str) -> Transformation:
        """Return the plain shift of a number: what it does not explain better is no other change.

        Of it alone nothing is said in words: what drifts may be shifted as well.
        """
        planned = self.detector.baseline.plan[name]
        assert isinstance(planned, NumberPlan)
        known = self.rows[name].dropna()
        apart = float(known.median()) - planned.centre if len(known) else 0.0
        return transformations.shifted(name, apart)

    def _multiplied(self, name: str) -> list[Transformation]:
        """Return the factor that all of a number's values may have been multiplied by, if any."""
        step, now = self._steps[name] or 0.0, grain(self.rows[name]) or 0.0
        rounded_to = now if now > step else 0.0
        factor = self._likelihood.factor(name, rounded_to, self._largest_distance(name))
        if factor is None:
            return []
        named = factor.known_from(SURELY_NAMED)
        known = {f: said for f, said in factor.known.items() if unit_names.may_be(said, name)} or {
            f: said for f, said in named.items() if unit_names.is_of(said, name)
        }
        if not known and abs(np.log(factor.value)) < LEAST_TIMES:
            return []
        if not known:
            depends = name == self.culprit and name in self.detector.dependences
            words = f"{name} is about {factor.value:.3g} times what the other columns predict"
            return [multiplied(name, factor.value, words if depends else "", known=False)]
        words = f"{name} looks like " + ", or ".join([*known.values()][:MOST_NAMED])
        vague = factor.between is not None
        if factor.between:
            size = "about {:.2g} to {:.2g} times what it was".format(*factor.between)
            words = words.replace("looks", f"is {size}, or looks", 1)
        change = multiplied(name, next(iter(known)), words, known=True)
        return [replace(change, several=len(known) > 1 or vague)]

    def _largest_distance(self, name: str) -> float:
        """Return how far a number was in ordinary spans, without what chance makes of it."""
        statistic = Statistic("distance", name)
        key, baseline = baseline_profile.statistic_key(statistic), self.detector.baseline
        found = self._measured.get(statistic)
        if found is None or found.largest is None:
            return 0.0
        # What few long spans cannot show is that of shorter ones.
        rows = min(span.rows for span in baseline.spans if span.largest[key] == found.largest)
        chance = baseline.noise[key].most / max(rows, 1) ** 0.5
        return float(max(found.largest**2 - chance**2, 0.0) ** 0.5)

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
        if share > MOSTLY and self._is_normal(change, np.ones_like(better)):
            return 1.0
        # Of some rows, those can be chosen in which another column's change is made up for.
        to_blame = self.culprit is None or self.culprit in change.columns
        to_blame &= self._alike(change, better)
        return share if to_blame and self._is_normal(change, better) else None

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

    def _is_normal(self, change: Transformation, at: np.ndarray) -> bool:
        """Say whether rows are normal again after a change was undone in those `at`."""
        undone = change.undo(self.rows)
        mixed = {name: column.where(at, self.rows[name]) for name, column in undone.items()}
        if change.swap and any(
            self._outside(name, values) > MOST_OUTSIDE for name, values in mixed.items()
        ):
            return False
        rows = self.rows.assign(**mixed)
        counts = self._counter.count(arrow.table(rows)).counts
        counts = self.detector.with_dependences(counts, rows)
        # In all rows: of some rows, any offset could be made to fit.
        about = change.columns if change.about and at.all() else ()
        if change.names and not self._most_is_explained(change.columns[0], counts):
            return False
        if any(self._stands_out(name, counts) for name in about):
            return False
        remains = self.detector.beyond(counts, self._hours, self._left_out, about)
        own = sum(remains.get(name, 0.0) for name in change.columns)
        before = sum(self.beyond.get(name, 0.0) for name in change.columns)
        enough = sum(remains.values()) <= REMAINS * sum(self.beyond.values())
        return enough and own <= REMAINS * before

    def _stands_out(self, name: str, undone: Counts) -> bool:
        """Say whether one value of a number is more frequent than any other, as none was before.

        That is of some rows, and no change of all: those leave values as frequent as they were.
        """
        spike = self._measured.get(Statistic("spike", name))
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
        came, now = self._measured, self.detector.measure(undone, self._hours, self._left_out)
        odd = [s for s, deviation in came.items() if s.column == name and deviation.beyond]
        return all(now[s].number <= UNEXPLAINED * came[s].number for s in odd)

    def _outside(self, name: str, values: pd.Series) -> float:
        """Return the share of values that are beyond all that history had of a number."""
        planned = self.detector.baseline.plan.by_name.get(name)
        if not isinstance(planned, NumberPlan) or len(planned.edges) < 4:
            return 0.0
        known = values.dropna().to_numpy("float64")
        beyond = (known < planned.edges[1]) | (known > planned.edges[-2])
        return float(beyond.mean()) if len(known) else 0.0

    def _offset(self, column: str) -> float:
        """Return by how much a number is above what the other columns predict, on average."""
        plan = self.detector.baseline.plan[column]
        return self._likelihood.offset(column) * plan.scale if isinstance(plan, NumberPlan) else 0.0

    def _undone(self, change: Transformation) -> np.ndarray:
        # Divided by enough, any values come to stand in the middle. That they do is little told of
        # values that may lie anywhere in as many times the room: such is the density of a row.
        room = 2 * np.log(max(change.closer, 1.0))
        known = self.rows[list(change.columns)].notna().all(axis=1).to_numpy()
        return self._likelihood.energies_with(change.undo(self.rows)) + room * known
