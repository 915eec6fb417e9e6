"""Changes that may have been made to columns: each in words, and how it is undone."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from shared.monitoring.causes.numbers import unit_names
from shared.schema import arrow

# Of so many columns each two are tried together, where no change of one explains enough.
MOST_PAIRED = 4
# A free parameter has to earn its place: so much better must rows hang together for it.
FREE = 1.1
# So many digits of an undone number count.
DIGITS = 12
HOURS = (*range(-12, 0), *range(1, 13))

# What may have been done to a number: in words, and how it is undone.
FACTORS = (
    (10.0, "ten times what it was"),
    (100.0, "a hundred times what it was, as a percentage is of a share"),
    (1_000.0, "a thousand times what it was"),
    (1e6, "a million times what it was"),
    (1.609344, "kilometres instead of miles: x · 1.609"),
    (0.3048, "metres instead of feet: x · 0.3048"),
    (25.4, "millimetres instead of inches: x · 25.4"),
    (2.54, "centimetres instead of inches: x · 2.54"),
    (0.45359237, "kilograms instead of pounds: x · 0.4536"),
    (33.8638866667, "hectopascals instead of inches of mercury: x · 33.86"),
    (1.150779448, "miles per hour instead of knots: x · 1.151"),
    (2.2369362921, "miles per hour instead of metres per second: x · 2.237"),
    (3.6, "kilometres per hour instead of metres per second: x · 3.6"),
    (60.0, "minutes instead of hours, or seconds instead of minutes: x · 60"),
    (24.0, "hours instead of days: x · 24"),
    (12.0, "months instead of years: x · 12"),
    (10.7639104167, "square feet instead of square metres: x · 10.764"),
)
BACK = (
    (10.0, "a tenth of what it was"),
    (100.0, "a hundredth of what it was, as a share is of a percentage"),
    (1_000.0, "a thousandth of what it was"),
    (1e6, "a millionth of what it was"),
    (1.609344, "miles instead of kilometres: x / 1.609"),
    (0.3048, "feet instead of metres: x / 0.3048"),
    (25.4, "inches instead of millimetres: x / 25.4"),
    (2.54, "inches instead of centimetres: x / 2.54"),
    (0.45359237, "pounds instead of kilograms: x / 0.4536"),
    (33.8638866667, "inches of mercury instead of hectopascals: x / 33.86"),
    (1.150779448, "knots instead of miles per hour: x / 1.151"),
    (2.2369362921, "metres per second instead of miles per hour: x / 2.237"),
    (3.6, "metres per second instead of kilometres per hour: x / 3.6"),
    (60.0, "hours instead of minutes, or minutes instead of seconds: x / 60"),
    (24.0, "days instead of hours: x / 24"),
    (12.0, "years instead of months: x / 12"),
    (10.7639104167, "square metres instead of square feet: x / 10.764"),
)
OF_FACTORS = frozenset(words for _, words in (*FACTORS, *BACK))
# From rows to those columns as they were before the change.
Undo = Callable[[pd.DataFrame], dict[str, pd.Series]]


@dataclass(frozen=True)
class Transformation:
    """What may have been done to columns, in words, and how it is undone.

    Its `cost` is by how much better rows must hang together without it. Undone, values lie so many
    times closer together (`closer`). `of_all` rows or of none is what a clock does; `due` is what
    nobody need have broken, and of some the size is known only `about`. One is a `factor` between
    units, the `swap` of two columns, or of `any_size`, so that it fits what drifts as well, as does
    a `plain` shift; or it is one of `several`, or no more than `likely`.
    """

    columns: tuple[str, ...]
    words: str
    undo: Undo
    cost: float = 1.0
    closer: float = 1.0
    of_all: bool = False
    due: bool = False
    about: bool = False
    factor: bool = False
    any_size: bool = False
    several: bool = False
    likely: bool = False
    plain: bool = False
    names: bool = False
    swap: bool = False


def changes_of_numbers(
    numbers: Sequence[str], offsets: Mapping[str, float]
) -> Iterator[Transformation]:
    """Yield transformations of each number, by its offset too, and those that swap two."""
    for name in numbers:
        for words, closer, undo in _unit_changes(name):
            if not unit_names.may_be(words, name):
                continue
            looks, factor = f"{name} looks like {words}", words in OF_FACTORS
            if factor and not unit_names.is_likely(words, closer, name):
                looks = or_looks(name, closer, looks)
            yield Transformation((name,), looks, undo, closer=closer, factor=factor)
        offset = offsets[name]
        apart = f"{abs(offset):.3g} {'more' if offset > 0 else 'less'}"
        words = f"{name} is about {apart} than the other columns predict"
        undo = _undo(name, 1, -offset)
        yield Transformation((name,), words, undo, FREE, about=True, any_size=True)
    for one, other in itertools.combinations(numbers, 2):
        words = f"{one} and {other} look swapped"
        yield Transformation((one, other), words, _swap(one, other), swap=True)


def or_looks(name: str, factor: float, words: str) -> str:
    """Return words on a unit of which a column's name says nothing, after by how much it is off."""
    return words.replace("looks", f"is about {factor:.2g} times what it was, or looks", 1)


def multiplied(name: str, factor: float, words: str, known: bool) -> Transformation:
    """Return the transformation that a number was multiplied by a factor.

    It may have been rounded then, or the factor is no `known` one, so exact values say nothing.
    """
    undo = _undo(name, 1 / factor, 0.0)
    return Transformation((name,), words, undo, closer=factor, about=True, any_size=not known)


def shifted(name: str, offset: float) -> Transformation:
    """Return the transformation that a number is so much more than it was."""
    size = f"{float(f'{abs(offset):.3g}'):,g}"
    words = f"{name} is about {size} {'more' if offset > 0 else 'less'} than it was"
    undo = _undo(name, 1, -offset)
    return Transformation((name,), words, undo, FREE, about=True, any_size=True, plain=True)


def renamed(name: str, was: Mapping[str, str]) -> Transformation:
    """Return the transformation that all rows with some names of a category have others' names.

    `was` are the names that they had before, by those that they have now.
    """
    one, *others = was
    if len(was) == 2:
        words = f"the names {one} and {others[0]} of {name} look exchanged"
    else:
        pairs = ", ".join(f"{old} → {new}" for new, old in was.items())
        words = f"the names of {name} look exchanged: {pairs}"

    def undo(rows: pd.DataFrame) -> dict[str, pd.Series]:
        came = as_texts(rows[name])
        return {name: came.map(was).fillna(came)}

    return Transformation((name,), words, undo, of_all=True, names=True)


def as_texts(column: pd.Series) -> pd.Series:
    """Return a category's values as the texts that they are counted as."""
    texts = arrow.texts(arrow.table(column.rename("x").to_frame())["x"])
    return pd.Series(texts.to_numpy(zero_copy_only=False), column.index, dtype=object)


def rounded(change: Transformation, step: float) -> Transformation:
    """Return the transformation of a number that was a multiple of a step before."""

    def undo(rows: pd.DataFrame) -> dict[str, pd.Series]:
        undone = change.undo(rows)
        return {n: _of_few_digits((v / step).round() * step) for n, v in undone.items()}

    return replace(change, undo=undo)


def any_of(changes: Sequence[Transformation]) -> Transformation:
    """Return the first change of a number, in the words of all; one without words stays alone."""
    first, others = changes[0], [change for change in changes[1:] if change.words]
    if not first.words or not others:
        return first
    said = f"{first.columns[0]} "
    looks = f"{said}looks like "
    words = [change.words.removeprefix(looks).removeprefix(said) for change in others]
    if looks.removeprefix(said) not in first.words:
        words = [change.words.removeprefix(said) for change in others]
    # Of what is of one kind, such as another time zone, the kind is said once.
    kind = f"{first.words.removeprefix(looks).partition(': ')[0]}: "
    words = [one.removeprefix(kind) for one in words]
    return replace(first, words=", or ".join([first.words, *words]), several=True)


def either(one: Transformation, other: Transformation) -> Transformation:
    """Return a change that may as well be another one, of other columns: these are to blame, too"""
    columns = (*one.columns, *other.columns)
    return replace(one, columns=columns, words=f"{one.words}, or {other.words}", several=True)


def changes_of_clock(time: str) -> Iterator[Transformation]:
    """Yield transformations of the clock."""
    for hours in HOURS:
        later, once = "later" if hours > 0 else "earlier", abs(hours) == 1
        words = f"another time zone: {abs(hours)} hours {later}"
        if once:
            words = f"another time zone, or clocks that were changed: an hour {later}"
        looks = f"{time} looks like {words}"
        yield Transformation((time,), looks, _earlier(time, hours), of_all=True, due=once)


def changes_of_pairs(numbers: Sequence[str]) -> Iterator[Transformation]:
    """Yield transformations of two columns in the same way, such as another system of units."""
    for one, other in itertools.combinations(numbers[:MOST_PAIRED], 2):
        pairs = zip(_unit_changes(one), _unit_changes(other), strict=True)
        for (words, closer, undo), (_, _, undo_other) in pairs:
            if not (unit_names.may_be(words, one) and unit_names.may_be(words, other)):
                continue
            both = f"{one} and {other} look like {words}"
            undo_both = _both(undo, undo_other)
            yield Transformation((one, other), both, undo_both, FREE, closer=closer**2)


def _unit_changes(name: str) -> Iterator[tuple[str, float, Undo]]:
    """Yield changes in words, by how many times closer values lie once undone, and how that is."""
    linear = [
        ("Celsius instead of Fahrenheit: (x - 32) / 1.8", 1.8, 32.0),
        ("Fahrenheit instead of Celsius: x · 1.8 + 32", 1 / 1.8, -32 / 1.8),
        ("Kelvin instead of Celsius: x + 273.15", 1.0, -273.15),
        ("Celsius instead of Kelvin: x - 273.15", 1.0, 273.15),
        ("the opposite sign: -x", -1.0, 0.0),
        *((words, 1 / factor, 0.0) for factor, words in FACTORS),
        *((words, factor, 0.0) for factor, words in BACK),
    ]
    for words, factor, offset in linear:
        yield words, 1 / abs(factor), _undo(name, factor, offset)


def _undo(name: str, factor: float, offset: float) -> Undo:
    return lambda rows: {name: _of_few_digits(rows[name] * factor + offset)}


def _of_few_digits(values: pd.Series) -> pd.Series:
    """Return values without the last digits, which a product has of its own.

    What was 0.7 is not 0.6999999999999999 again, which history never had.
    """
    found = values.to_numpy("float64", na_value=np.nan)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        scale = 10.0 ** (DIGITS - np.ceil(np.log10(np.abs(found))))
        kept = np.rint(found * scale) / scale
    return pd.Series(np.where(np.isfinite(kept), kept, found), values.index)


def _both(one: Undo, other: Undo) -> Undo:
    return lambda rows: one(rows) | other(rows)


def _swap(one: str, other: str) -> Undo:
    return lambda rows: {one: rows[other], other: rows[one]}


def _earlier(name: str, hours: int) -> Undo:
    def undo(rows: pd.DataFrame) -> dict[str, pd.Series]:
        return {name: rows[name] - pd.Timedelta(hours=hours)}

    return undo
