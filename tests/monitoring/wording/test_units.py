"""Units: a number is written as a reader takes it in, whatever it is measured in."""

import math
from typing import get_args

import pytest

from shared.baseline.statistics import Check, Statistic
from shared.model.bundle import Bundle
from shared.monitoring.wording.units import FEWER_ROWS, UNITS, in_words, number_in, unit_of
from shared.profiles.gram import HOUR


@pytest.mark.parametrize(
    ("check", "number", "words"),
    [
        ("missing", 0.231, "23.1% of rows (change in the missing rate)"),
        ("distance", 0.0834, "8.34% of the ranking (average shift of a value)"),
        ("fewer", 0.31, "0.31 (effect size, Cohen's w)"),
        (
            "linear dependence",
            1.83,
            "2.83 times as far as before from what the other columns predict",
        ),
        ("dependence", math.log(5), "80% of its dependence on the other columns lost"),
        ("dependence", 5.5, "248% of its dependence on the other columns lost"),
        ("volume", math.log(2.3), "2.3 times as many rows as expected"),
        ("silence", 0.4, "40% of a normal day's rows were due while none arrived"),
        ("silence", 364.2, "36,400% of a normal day's rows were due while none arrived"),
    ],
)
def test_a_number_is_written_in_its_check_s_unit(check: Check, number: float, words: str) -> None:
    assert in_words(UNITS[check], number) == words


def test_fewer_rows_and_values_of_metrics_have_their_own_units() -> None:
    assert in_words(FEWER_ROWS, math.log(4)) == "4 times fewer rows than expected"
    assert in_words("above the expected log loss", 0.2357) == "0.236 above the expected log loss"
    assert number_in("ms", 80.0) == "80"


def test_every_check_has_a_unit() -> None:
    assert UNITS.keys() == {*get_args(Check)}


def test_how_far_a_column_has_moved_is_said_by_its_kind(bundle: Bundle) -> None:
    units = [
        unit_of(Statistic("distance", name), bundle.baseline.plan)
        for name in ("income", "region", HOUR)
    ]
    assert units == [
        "of the ranking (average shift of a value)",
        "of rows in other categories than before (total variation)",
        "of rows at other hours than before (total variation)",
    ]
