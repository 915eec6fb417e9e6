"""Which changes rows may have been through: units by how values were rounded, factors, shifts."""

import numpy as np
import pandas as pd
import pytest

from shared.baseline import learning
from shared.monitoring.causes import diagnosis
from shared.monitoring.causes.diagnosis import Cause
from shared.monitoring.input_checks.detection import DriftDetector
from shared.schema import arrow
from tests.monitoring.causes.test_diagnosis import PATIENTS, patients
from tests.profiles.contracts import contract


@pytest.mark.parametrize(
    ("factor", "words"),
    [
        (
            1.609344,
            "marker is about 1.6 times what it was, or looks like kilometres instead of miles: "
            "x · 1.609",
        ),
        (1.7, ""),
    ],
)
def test_a_factor_of_a_skewed_number_is_told_by_how_it_was_rounded(
    factor: float, words: str
) -> None:
    history, window = patients(1_000, 1), patients(120, 2, first=2_000)
    for seed, rows in enumerate((history, window)):
        rows["marker"] = np.random.default_rng(seed).lognormal(3, 1, len(rows)).round(1)
    learnt = DriftDetector(learning.learn(arrow.table(history), PATIENTS, 0.01))
    cause = diagnosis.find(window.assign(marker=factor * window["marker"]), learnt, 240.0, "marker")
    assert (cause.words if cause else "") == words


def test_kilometres_in_whole_numbers_are_named_of_a_column_of_miles() -> None:
    history, window = patients(2_000, 1), patients(330, 2, first=4_000)
    for seed, rows in enumerate((history, window)):
        rows["miles"] = (np.random.default_rng(seed).gamma(2.5, 1.4, len(rows)) + 0.3).round(1)
    types = contract({"miles": "number", "age": "number", "sex": "category"})
    learnt = DriftDetector(learning.learn(arrow.table(history), types, 0.01))
    whole = window.assign(miles=(1.609344 * window["miles"]).round())
    cause = diagnosis.find(whole, learnt, 660.0, "miles")
    assert cause is not None
    assert cause.words.endswith("looks like kilometres instead of miles: x · 1.609")
    assert cause.precision in ("likely", "one of several")


@pytest.fixture(scope="module")
def indoors() -> DriftDetector:
    """Return what is known of rooms whose temperature was written in whole degrees Fahrenheit."""
    return DriftDetector(learning.learn(arrow.table(rooms(2_000, 1)), PATIENTS, 0.01))


def rooms(count: int, seed: int, first: int = 0) -> pd.DataFrame:
    warm = np.random.default_rng(seed + 10).normal(68, 4, count).round()
    return patients(count, seed, first).assign(marker=warm)


CELSIUS = "marker looks like Celsius instead of Fahrenheit: (x - 32) / 1.8"


def changed(detector: DriftDetector, change) -> Cause | None:
    window = rooms(300, 2, first=4_000)
    return diagnosis.find(window.assign(marker=change(window["marker"])), detector, 600.0, "marker")


def test_values_that_were_rounded_since_are_of_a_unit_where_all_may_be(
    indoors: DriftDetector,
) -> None:
    cause = changed(indoors, lambda x: ((x - 32) / 1.8).round(1))
    assert cause is not None
    assert (cause.words, cause.precision) == (CELSIUS, "exact")


def test_in_whole_degrees_a_unit_is_named_and_not_as_certain(indoors: DriftDetector) -> None:
    cause = changed(indoors, lambda x: ((x - 32) / 1.8).round())
    assert cause is not None
    assert CELSIUS in cause.words
    assert cause.precision in ("likely", "one of several")


@pytest.mark.parametrize("change", [lambda x: x - 45, lambda x: x + 15, lambda x: x * 0.8])
def test_what_is_shifted_or_another_size_is_in_no_other_unit(
    indoors: DriftDetector, change
) -> None:
    cause = changed(indoors, change)
    assert cause is None or "looks like" not in cause.words


@pytest.mark.parametrize(
    ("factor", "decimals", "precision"),
    [(1.609344, 1, "exact"), (1.5, 1, None), (1.5, None, None)],
)
def test_kilometres_are_told_from_half_as_much_again_by_rounding_alone(
    factor: float, decimals: int | None, precision: str | None
) -> None:
    history, window = patients(2_000, 1), patients(300, 2, first=4_000)
    for seed, rows in enumerate((history, window)):
        miles = np.random.default_rng(seed).gamma(2.5, 1.4, len(rows)) + 0.3
        rows["marker"] = miles.round(1) if decimals else miles
    learnt = DriftDetector(learning.learn(arrow.table(history), PATIENTS, 0.01))
    came = factor * window["marker"]
    window["marker"] = came.round(decimals) if decimals else came
    cause = diagnosis.find(window, learnt, 600.0, "marker")
    if precision is None:
        assert cause is None or cause.precision not in ("exact", "likely")
    else:
        assert cause is not None
        assert "kilometres instead of miles" in cause.words
        assert cause.precision == precision


def test_of_a_number_far_from_0_it_is_said_by_how_much_it_is_more_and_not_how_many_times() -> None:
    history, window = _pressures(days=200, seed=1), _pressures(days=7, seed=2)
    types = contract({"level": "number", "wet": "number"})
    learnt = DriftDetector(learning.learn(arrow.table(history), types, 0.01))
    found = {
        words: diagnosis.find(window.assign(level=changed), learnt, 168.0, "level")
        for words, changed in {
            "level is about 19.9 more than the other columns predict": window["level"] + 20,
            "level is about 1.4 times what the other columns predict": window["level"] * 1.4,
        }.items()
    }
    assert [cause and cause.words for cause in found.values()] == [*found]


def _pressures(days: int, seed: int) -> pd.DataFrame:
    """Return half hours of a pressure that follows how wet it is."""
    rng, rows = np.random.default_rng(seed), days * 48
    wet = pd.Series(rng.normal(0, 3, rows)).ewm(alpha=0.1).mean()
    at = pd.Timestamp("2024-01-01", tz="UTC") + pd.to_timedelta(np.arange(rows) / 2, unit="h")
    level = (1_013 - 6 * wet + rng.normal(0, 1.5, rows)).round(1)
    return pd.DataFrame({"id": np.arange(rows), "at": at, "wet": wet, "level": level})


MONTHS = "months instead of years: x · 12"
FEET = "square feet instead of square metres: x · 10.764"


def test_a_factor_far_beyond_any_unit_is_written_with_all_its_digits() -> None:
    history, window = _pressures(days=200, seed=1), _pressures(days=7, seed=2)
    types = contract({"level": "number", "wet": "number"})
    learnt = DriftDetector(learning.learn(arrow.table(history), types, 0.01))
    window["level"] *= 1e5
    cause = diagnosis.find(window, learnt, 168.0, "level")
    assert cause is not None
    assert cause.words == "level is about 100,000 times what the other columns predict"


@pytest.mark.parametrize(
    ("name", "factor", "words"),
    [
        ("tenure", 12, MONTHS),
        ("tenure", 10, "ten times what it was"),
        ("size", 12, MONTHS),
        ("days", 24, "hours instead of days: x · 24"),
        ("area", 10.7639104167, FEET),
        ("area", 1 / 10.7639104167, "square metres instead of square feet: x / 10.764"),
        ("area", 10, "ten times what it was"),
    ],
)
def test_months_and_square_feet_are_told_from_ten_times_by_rounding(
    name: str, factor: float, words: str
) -> None:
    cause = _in_another_unit(name, factor, decimals=1)
    assert cause is not None
    assert (cause.words, cause.precision) == (f"{name} looks like {words}", "exact")


def test_what_no_rounding_tells_from_ten_times_is_not_exactly_that_of_a_number_of_years() -> None:
    cause = _in_another_unit("tenure", 12, decimals=None)
    assert cause is not None
    assert MONTHS in cause.words
    assert cause.precision == "one of several"


def test_a_factor_that_rounding_denies_is_not_exactly_the_nearest_known_one() -> None:
    cause = _in_another_unit("visits", 11.3, decimals=1)
    assert cause is not None
    assert cause.words.startswith("visits is about ")
    assert cause.precision == "one of several"


def _in_another_unit(name: str, factor: float, decimals: int | None) -> Cause | None:
    history, window = patients(2_000, 1), patients(300, 2, first=4_000)
    for seed, rows in enumerate((history, window)):
        years = np.random.default_rng(seed).gamma(2, 2.0, len(rows))
        rows[name] = years if decimals is None else years.round(decimals)
    types = contract({name: "number", "age": "number", "sex": "category"})
    learnt = DriftDetector(learning.learn(arrow.table(history), types, 0.01))
    return diagnosis.find(window.assign(**{name: factor * window[name]}), learnt, 600.0, name)


def test_whole_numbers_of_another_size_are_not_a_hundred_times_those_of_history() -> None:
    """Milligrams in a decilitre are 88.4 micromoles in a litre, and came without decimals."""
    history, window = patients(4_000, 1), patients(3_000, 2, first=8_000)
    for seed, rows in enumerate((history, window)):
        drawn = np.random.default_rng(seed).lognormal(0, 0.5, len(rows))
        rows["level"] = drawn.round(2)
    types = contract({"level": "number", "age": "number", "sex": "category"})
    learnt = DriftDetector(learning.learn(arrow.table(history), types, 0.01))
    causes = [
        diagnosis.find(window.assign(level=came), learnt, 600.0, "level")
        for came in ((88.4 * window["level"]).round(), 100 * window["level"])
    ]
    said = ["a hundred times" in cause.words if cause else False for cause in causes]
    assert said == [False, True]
