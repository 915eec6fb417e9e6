"""Likely causes, found by trying: a change that, undone, makes a window usual again.

Units, scales, signs and offsets of a number; two columns that changed places; a time zone. Each is
undone in those rows that hang together better with it than without, so that a change which reached
a part of the rows is found as well.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from shared.data import values
from shared.profiles import relations
from shared.profiles.counts import Counter
from shared.profiles.deviations import Yardstick
from shared.profiles.plan import SCORE, NumberPlan
from shared.profiles.relations import HOUR, STEPS

ROWS = 2_000
MOST_COLUMNS = 6
# Of so many columns each two are tried together, where no change of one explains enough.
MOST_PAIRED = 4
# So many changes, those after which the rows hang together best, are looked at more closely.
MOST_TRIED = 6
# A cause is named when no more than this share of what was beyond the thresholds remains.
REMAINS = 0.2
FEWEST_REPAIRED = 0.05
# Rows that are mended spread at least so far beside the others.
LEAST_SPREAD = 0.3
# Beyond this share it may have been all rows.
MOSTLY = 0.5
# A free parameter has to earn its place: so much better must rows hang together for it.
FREE = 1.1
HOURS = (*range(-12, 0), *range(1, 13))

# What may have been done to a number: how it is told, and how it is undone.
FACTORS = (
    (10.0, "ten times what it was"),
    (100.0, "a hundred times what it was, as a percentage is of a share"),
    (1_000.0, "a thousand times what it was"),
    (1e6, "a million times what it was"),
    (1.609344, "kilometres where miles were usual: x · 1.609"),
    (0.3048, "metres where feet were usual: x · 0.3048"),
    (25.4, "millimetres where inches were usual: x · 25.4"),
    (2.54, "centimetres where inches were usual: x · 2.54"),
    (0.45359237, "kilograms where pounds were usual: x · 0.4536"),
    (33.8638866667, "hectopascals where inches of mercury were usual: x · 33.86"),
    (1.150779448, "miles per hour where knots were usual: x · 1.151"),
    (2.2369362921, "miles per hour where metres per second were usual: x · 2.237"),
    (3.6, "kilometres per hour where metres per second were usual: x · 3.6"),
    (60.0, "minutes where hours were usual, or seconds where minutes were: x · 60"),
)
BACK = (
    (10.0, "a tenth of what it was"),
    (100.0, "a hundredth of what it was, as a share is of a percentage"),
    (1_000.0, "a thousandth of what it was"),
    (1e6, "a millionth of what it was"),
    (1.609344, "miles where kilometres were usual: x / 1.609"),
    (0.3048, "feet where metres were usual: x / 0.3048"),
    (25.4, "inches where millimetres were usual: x / 25.4"),
    (2.54, "inches where centimetres were usual: x / 2.54"),
    (0.45359237, "pounds where kilograms were usual: x / 0.4536"),
    (33.8638866667, "inches of mercury where hectopascals were usual: x / 33.86"),
    (1.150779448, "knots where miles per hour were usual: x / 1.151"),
    (2.2369362921, "metres per second where miles per hour were usual: x / 2.237"),
    (3.6, "metres per second where kilometres per hour were usual: x / 3.6"),
    (60.0, "hours where minutes were usual, or minutes where seconds were: x / 60"),
)
# From rows to those columns as they were before the change.
Undo = Callable[[pd.DataFrame], dict[str, pd.Series]]


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
    sample: pd.DataFrame, measure: Yardstick, hours: float, culprit: str | None = None
) -> Cause | None:
    """Return the change that explains most of what is unusual in some rows; None if none does.

    Where a column is known to be the `culprit`, changes of it are tried before others; one that
    reached a part of the rows has to be of it.
    """
    trial = _Trial(sample.head(ROWS).reset_index(drop=True), measure, hours, culprit)
    if not trial.beyond:
        return None
    changes = list(_changes(trial))
    own = [change for change in changes if culprit in change.columns]
    return _best(trial, own) or _best(trial, changes) or _best(trial, _changes_of_two(trial))


def _best(trial: "_Trial", tried: Iterable["_Change"]) -> Cause | None:
    changes = [(trial.energy(change), change) for change in tried]
    ranked = sorted(changes, key=lambda pair: pair[0])[:MOST_TRIED]
    for energy, change in ranked:
        share = trial.share_repaired(change) if energy < trial.energy_as_is else None
        if share is not None:
            return Cause(change.columns, change.words, share, change.due)
    return None


@dataclass(frozen=True)
class _Change:
    columns: tuple[str, ...]
    words: str
    undo: Undo
    cost: float = 1.0
    # A clock is wrong for all rows or for none.
    of_all: bool = False
    due: bool = False
    # By how much is known only about.
    about: bool = False


class _Trial:
    """Rows that are changed back in one way after another."""

    def __init__(
        self, rows: pd.DataFrame, measure: Yardstick, hours: float, culprit: str | None
    ) -> None:
        self.rows, self.measure, self._hours = rows, measure, hours
        self._culprit = culprit
        # The score was made of the rows as they came: it stays odd when they are mended.
        gram = relations.without(measure.before["gram"], measure.groups, {SCORE})
        self._inverse = relations.precision(gram)
        at = measure.groups.get(SCORE, slice(0, 0))
        self._inverse[at, at] = 0
        self._counter = Counter(measure.usual.plan)
        counted = self._counter.count(values.table(rows))
        self._features = counted.features.astype("float64") / STEPS
        self._energies = self._of_each(self._features)
        self.energy_as_is = float(self._energies.mean())
        self.beyond = measure.beyond(measure.tied(counted.counts, rows), hours, (SCORE,))

    def energy(self, change: _Change) -> float:
        """Return how badly rows hang together when each is changed back or not, as suits it."""
        undone = self._undone(change)
        found = undone if change.of_all else np.minimum(undone, self._energies)
        return change.cost * float(found.mean())

    def share_repaired(self, change: _Change) -> float | None:
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

    def _alike(self, change: _Change, better: np.ndarray) -> bool:
        """Tell whether changed rows, once undone, spread like the others.

        Divided by enough, any values come to stand in the middle, where they tell nothing.
        """
        undone = change.undo(self.rows)
        return all(
            found[better].std() >= LEAST_SPREAD * self.rows.loc[~better, name].std()
            for name, found in undone.items()
            if pd.api.types.is_numeric_dtype(self.rows[name]) and not better.all()
        )

    def _repaired(self, change: _Change, at: np.ndarray) -> bool:
        """Tell whether rows are usual again after a change was undone in those `at`."""
        undone = change.undo(self.rows)
        mixed = {name: column.where(at, self.rows[name]) for name, column in undone.items()}
        rows = self.rows.assign(**mixed)
        counted = self.measure.tied(self._counter.count(values.table(rows)).counts, rows)
        # In all rows: of some rows, any offset could be made to fit.
        about = change.columns if change.about and at.all() else ()
        remains = self.measure.beyond(counted, self._hours, (SCORE,), about)
        own = sum(remains.get(name, 0.0) for name in change.columns)
        before = sum(self.beyond.get(name, 0.0) for name in change.columns)
        enough = sum(remains.values()) <= REMAINS * sum(self.beyond.values())
        return enough and own <= REMAINS * before

    def offset(self, column: str) -> float:
        """Return by how much a number is above what the other columns tell, on average."""
        at, inverse = self.measure.groups[column].start, self._inverse
        plan = self.measure.usual.plan[column]
        means = self._features.mean(axis=1)
        left = float(inverse[at] @ means / inverse[at, at])
        return left * plan.scale if isinstance(plan, NumberPlan) else 0.0

    def _undone(self, change: _Change) -> np.ndarray:
        plan, groups = self.measure.usual.plan, self.measure.groups
        features = self._features.copy()
        for name, column in change.undo(self.rows).items():
            if name == plan.time:
                moments = values.seconds(values.table(column.to_frame())[name])
                features[groups[HOUR]] = relations.of_hours(moments) / STEPS
            elif isinstance(found := plan[name], NumberPlan):
                numbers = column.to_numpy("float64", na_value=np.nan)
                features[groups[name]] = relations.standard(numbers, found) / STEPS
        return self._of_each(features)

    def _of_each(self, features: np.ndarray) -> np.ndarray:
        return ((self._inverse @ features) * features).sum(axis=0)


def _numbers(trial: _Trial) -> list[str]:
    """Return the numbers that are beyond their thresholds, the farthest first."""
    plan = trial.measure.usual.plan
    return [
        name
        for name in sorted(trial.beyond, key=lambda name: -trial.beyond[name])
        if name not in (SCORE, HOUR)
        and isinstance(plan[name], NumberPlan)
        and pd.api.types.is_numeric_dtype(trial.rows[name])
    ][:MOST_COLUMNS]


def _changes_of_two(trial: _Trial) -> Iterator[_Change]:
    """Return changes that reached two columns in the same way, as that of a system of units."""
    for one, other in itertools.combinations(_numbers(trial)[:MOST_PAIRED], 2):
        pairs = zip(_of_number(one), _of_number(other), strict=True)
        for (words, undo), (_, undo_other) in pairs:
            told = f"{one} and {other} look like {words}"
            yield _Change((one, other), told, _both(undo, undo_other), FREE)


def _changes(trial: _Trial) -> Iterator[_Change]:
    numbers, time = _numbers(trial), trial.measure.usual.plan.time
    for name in numbers:
        for words, undo in _of_number(name):
            yield _Change((name,), f"{name} looks like {words}", undo)
        offset = trial.offset(name)
        told = f"{abs(offset):.3g} {'more' if offset > 0 else 'less'} than the other columns tell"
        yield _Change((name,), f"{name} is about {told}", _undo(name, 1, -offset), FREE, about=True)
    for at, name in enumerate(numbers):
        for other in numbers[at + 1 :]:
            words = f"{name} and {other} look swapped"
            yield _Change((name, other), words, _swap(name, other))
    if time in trial.rows:
        for hours in HOURS:
            later, one = "later" if hours > 0 else "earlier", abs(hours) == 1
            words = f"another time zone: {abs(hours)} hours {later}"
            if one:
                words = f"another time zone, or clocks that were changed: an hour {later}"
            told = f"{time} looks like {words}"
            yield _Change((time,), told, _earlier(time, hours), of_all=True, due=one)


def _of_number(name: str) -> Iterator[tuple[str, Undo]]:
    yield "Celsius where Fahrenheit was usual: (x - 32) / 1.8", _undo(name, 1.8, 32)
    yield "Fahrenheit where Celsius was usual: x · 1.8 + 32", _undo(name, 1 / 1.8, -32 / 1.8)
    yield "Kelvin where Celsius was usual: x + 273.15", _undo(name, 1, -273.15)
    yield "Celsius where Kelvin was usual: x - 273.15", _undo(name, 1, 273.15)
    yield "the opposite sign: -x", _undo(name, -1, 0)
    for factor, words in FACTORS:
        yield words, _undo(name, 1 / factor, 0)
    for factor, words in BACK:
        yield words, _undo(name, factor, 0)


def _undo(name: str, factor: float, offset: float) -> Undo:
    return lambda rows: {name: rows[name] * factor + offset}


def _both(one: Undo, other: Undo) -> Undo:
    return lambda rows: one(rows) | other(rows)


def _swap(one: str, other: str) -> Undo:
    return lambda rows: {one: rows[other], other: rows[one]}


def _earlier(name: str, hours: int) -> Undo:
    def undo(rows: pd.DataFrame) -> dict[str, pd.Series]:
        moments = pd.to_datetime(rows[name], utc=True, errors="coerce", format="mixed")
        return {name: moments - pd.Timedelta(hours=hours)}

    return undo
