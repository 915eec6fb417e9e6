"""What makes rows normal again is named, with what their values tell as little apart."""

import numpy as np
import pandas as pd
import pytest

from shared.baseline import learning
from shared.monitoring.causes import diagnosis
from shared.monitoring.causes.diagnosis import Cause
from shared.monitoring.input_checks.detection import DriftDetector
from shared.schema import arrow
from tests.monitoring import weather as persistent
from tests.monitoring.causes.test_diagnosis import PATIENTS, patients
from tests.profiles.contracts import contract


def daily(decimals: int) -> Cause | None:
    """Return the cause of a week in Fahrenheit, of a number that is another one each day."""
    rng = np.random.default_rng(2)
    levels = (12 + 4 * rng.normal(0, 1, 187)).round(decimals)
    history, window = patients(1_000, 1), patients(40, 2, first=180 * 24)
    for rows in (history, window):
        days = (rows["at"] - pd.Timestamp("2024-01-01", tz="UTC")).dt.days
        rows["marker"] = levels[days.clip(upper=186)]
    learnt = DriftDetector(learning.learn(arrow.table(history), PATIENTS, 0.01))
    window["marker"] = 1.8 * window["marker"] + 32
    return diagnosis.find(window, learnt, 168.0, "marker")


def test_a_unit_is_named_beside_an_offset_that_few_distinct_values_tell_as_little() -> None:
    cause = daily(decimals=9)
    assert cause is not None
    assert cause.words == (
        "marker is about 2.9 to 4.9 times what it was, "
        "or looks like kilometres per hour instead of metres per second: x · 3.6, "
        "or Fahrenheit instead of Celsius: x · 1.8 + 32, "
        "or is about 33.3 more than the other columns predict"
    )
    assert cause.precision == "one of several"


def test_a_unit_after_which_values_are_rounded_as_they_were_is_certain() -> None:
    cause = daily(decimals=1)
    assert cause is not None
    assert cause.words == "marker looks like Fahrenheit instead of Celsius: x · 1.8 + 32"
    assert cause.precision == "exact"


def weather(days: int, seed: int, first: int = 0) -> pd.DataFrame:
    """Return hours of days after October 15: a temperature in tenths, warm from April on.

    How humid it is goes with the hour and the weather, and not with the season.
    """
    rng, rows = np.random.default_rng(seed), 24 * days
    day = first + np.arange(rows) / 24
    wet = pd.Series(rng.normal(0, 9, rows)).ewm(alpha=0.03).mean()
    daily = wet + 3 * np.sin(2 * np.pi * (day - 0.3)) + rng.normal(0, 0.5, rows)
    temp = (8 - 9 * np.sin(np.pi * day / 150) + daily).round(1)
    at = pd.Timestamp("2024-10-15", tz="UTC") + pd.to_timedelta(day, unit="D")
    humid = (70 - 1.2 * daily + rng.normal(0, 8, rows)).round()
    return pd.DataFrame({"id": np.arange(rows), "at": at, "temp": temp, "humid": humid})


@pytest.fixture(scope="module")
def cold() -> DriftDetector:
    types = contract({"temp": "number", "humid": "number"})
    return DriftDetector(learning.learn(arrow.table(weather(120, 1)), types, 0.01))


@pytest.mark.parametrize("seed", [2, 3])
def test_what_was_doubled_in_a_warmer_season_is_not_in_fahrenheit(
    cold: DriftDetector, seed: int
) -> None:
    week = weather(7, seed, first=210)
    cause = diagnosis.find(week.assign(temp=2 * week["temp"]), cold, 168.0, "temp")
    assert cause is None or "Fahrenheit" not in cause.words


def test_what_was_doubled_is_in_no_unit_that_gives_values_between_those_of_history() -> None:
    def converted(rows: pd.DataFrame) -> pd.DataFrame:
        # Tenths of degrees Celsius, in Fahrenheit: multiples of nothing.
        tenths = ((rows["temp"] - 32) / 1.8).round(1)
        return rows.assign(temp=(1.8 * tenths + 32).round(2))

    history = converted(persistent.weather(16))
    week = persistent.weather(1, 41, first=26)
    week = converted(week.assign(temp=week["temp"] + 10))
    learnt = DriftDetector(learning.learn(arrow.table(history), persistent.CONTRACT, 0.01))
    cause = diagnosis.find(week.assign(temp=2 * week["temp"]), learnt, persistent.WEEK, "temp")
    assert cause is None or "Fahrenheit" not in cause.words


@pytest.mark.parametrize("first", [125, 210])
def test_whole_degrees_of_fahrenheit_are_not_ten_times_the_tenths_of_colder_ones(
    cold: DriftDetector, first: int
) -> None:
    week = weather(7, 3, first=first)
    temp = (1.8 * week["temp"] + 32).round()
    cause = diagnosis.find(week.assign(temp=temp), cold, 168.0, "temp")
    assert cause is None or "ten times" not in cause.words


def test_ten_times_as_many_are_named_so_where_values_are_of_the_size_that_is_known(
    cold: DriftDetector,
) -> None:
    week = weather(7, 3, first=125)
    cause = diagnosis.find(week.assign(temp=10 * week["temp"]), cold, 168.0, "temp")
    assert cause is not None
    assert (cause.words, cause.precision) == ("temp looks like ten times what it was", "exact")


def test_what_is_in_fahrenheit_is_named_so_in_a_season_that_is_known(cold: DriftDetector) -> None:
    week = weather(7, 3, first=130)
    cause = diagnosis.find(week.assign(temp=1.8 * week["temp"] + 32), cold, 168.0, "temp")
    assert cause is not None
    assert "Fahrenheit instead of Celsius" in cause.words
