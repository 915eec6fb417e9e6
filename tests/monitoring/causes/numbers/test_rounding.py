"""Rounding: values lie, undone, where it has put history's, or they were through another change."""

import numpy as np
import pandas as pd
import pytest

from shared.monitoring.causes import transformations
from shared.monitoring.causes.numbers.rounding import Rounding
from shared.profiles.counting_plan import NumberPlan

TENTHS = tuple((np.arange(-50, 150) / 10).tolist())
CAME = pd.Series(np.arange(100, 300) / 10)


# Tenths of degrees Celsius, in Fahrenheit: multiples of nothing.
CONVERTED = tuple((1.8 * np.arange(-200, 300) / 10 + 32).round(2).astype("float32").tolist())


def rounding(
    values: pd.Series,
    edges: tuple[float, ...] = TENTHS,
    had: tuple[float, ...] | None = None,
    novel: float = 0.0,
) -> Rounding:
    plan = NumberPlan(name="temp", edges=edges, centre=0.0, scale=1.0, values=had)
    return Rounding(pd.DataFrame({"temp": values}), [plan], {"temp": novel})


def change(words: str) -> transformations.Transformation:
    tried = transformations.changes_of_numbers(["temp"], {"temp": 1.0})
    return next(one for one in tried if words in one.words)


FAHRENHEIT = "Fahrenheit instead of Celsius"


@pytest.mark.parametrize(
    ("values", "denied"),
    [
        (2 * CAME, True),
        (1.8 * CAME + 32, False),
        ((1.8 * CAME + 32).round(1), False),
        # Whole degrees would have come of any tenths.
        ((1.8 * CAME + 32).round(), False),
        ((2 * CAME).round(), False),
    ],
)
def test_twice_as_many_tenths_are_no_fahrenheit_of_tenths(values: pd.Series, denied: bool) -> None:
    assert rounding(values).denies(change(FAHRENHEIT)) == denied


@pytest.mark.parametrize(
    ("change_of", "novel", "denied"),
    [
        (lambda old: 2 * old, 0.0, True),
        (lambda old: (1.8 * old + 32).round(2), 0.0, False),
        # Of a number whose values are mostly new ones, those tell nothing.
        (lambda old: 2 * old, 0.99, False),
        # Whole degrees would have come of any of them.
        (lambda old: (2 * old).round(), 0.0, False),
    ],
)
def test_what_lies_between_all_values_of_history_is_denied(change_of, novel, denied) -> None:
    old = pd.Series(CONVERTED[100:300]).round(2)
    known = rounding(change_of(old), CONVERTED[::8], CONVERTED, novel)
    assert known.denies(change(FAHRENHEIT)) == denied


def test_of_what_was_never_rounded_nothing_is_denied() -> None:
    fine = tuple(np.sort(np.random.default_rng(0).normal(5, 3, 60)).tolist())
    assert not rounding(2 * CAME, fine).denies(change(FAHRENHEIT))


def test_a_shift_of_any_size_is_never_denied() -> None:
    assert not rounding(CAME + 0.05).denies(change("than the other columns predict"))


def test_of_what_is_rounded_back_the_values_of_history_are_returned() -> None:
    exact = rounding((1.8 * CAME + 32).round(1)).exact(change(FAHRENHEIT))
    assert exact is not None
    undone = exact.undo(pd.DataFrame({"temp": (1.8 * CAME + 32).round(1)}))
    assert undone["temp"].tolist() == CAME.tolist()
    assert rounding(2 * CAME).exact(change(FAHRENHEIT)) is None


def test_hundredths_of_whole_numbers_tell_no_hundred_where_history_had_hundredths() -> None:
    """Nor where it had few of the largest ones."""
    old = np.random.default_rng(0).lognormal(0.2, 0.5, 20_000).round(2)
    had = tuple(np.unique(old.astype("float32")).tolist())
    came = pd.Series(old[:400])
    assert rounding((came * 88.4).round(), had, had).exact(change("a hundred times")) is None
    assert rounding((came * 100).round(), had, had).fits_anyway(change("a hundred times"))
    fahrenheit = rounding((came * 1.8 + 32).round(3), had, had)
    assert fahrenheit.exact(change(FAHRENHEIT)) is not None
