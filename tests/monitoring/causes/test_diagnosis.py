"""The diagnosis: a change that can be undone is named, with the share of rows it reached."""

import numpy as np
import pandas as pd
import pytest

from shared.baseline import learning
from shared.monitoring.causes import culprits, diagnosis
from shared.monitoring.input_checks.detection import DriftDetector
from shared.profiles.gram import HOUR
from shared.profiles.profile import Profiler
from shared.schema import arrow
from tests.monitoring.weather import CONTRACT, WEEK, weather
from tests.profiles.contracts import contract

PATIENTS = contract({"marker": "number", "age": "number", "sex": "category"})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"temp": lambda f: (f["temp"] - 32) / 1.8},
            "temp looks like Celsius instead of",
        ),
        ({"dew": lambda f: f["dew"] * 10}, "dew looks like ten times what it was"),
        ({"dew": lambda f: -f["dew"]}, "dew looks like the opposite sign"),
        ({"dew": lambda f: f["dew"] + 30}, "more than the other columns predict"),
        ({"at": lambda f: f["at"] + pd.Timedelta(hours=6)}, "at looks like another time zone: 6 "),
        ({"dew": lambda f: f["load"], "load": lambda f: f["dew"]}, "look swapped"),
    ],
)
def test_a_change_that_can_be_undone_is_named(detector: DriftDetector, change, words: str) -> None:
    week = weather(1, 41, first=26)
    changed = week.assign(**{name: make(week) for name, make in change.items()})
    found = Profiler(detector.baseline.plan, 2_000).profile(arrow.table(changed))
    cause = diagnosis.find(found.sample, detector, WEEK)
    assert cause is not None
    assert words in cause.words
    assert cause.share > 0.9


def test_clocks_are_changed_every_year() -> None:
    def noon(rows: pd.DataFrame) -> pd.DataFrame:
        return rows[rows["at"].dt.hour.between(11, 13)]

    learnt = DriftDetector(
        learning.learn(arrow.table(noon(weather(26, an_hour=20))), CONTRACT, 0.01)
    )
    week = noon(weather(1, 41, first=26, an_hour=20))
    later = week.assign(at=week["at"] + pd.Timedelta(hours=1))
    cause = diagnosis.find(
        Profiler(learnt.baseline.plan, 2_000).profile(arrow.table(later)).sample, learnt, WEEK
    )
    assert cause is not None
    assert cause.words.endswith("another time zone, or clocks that were changed: an hour later")
    assert cause.due


def parcels(days: int, seed: int) -> pd.DataFrame:
    """Return rows of days with hours around noon, earlier on weekends."""
    rng, day = np.random.default_rng(seed), np.repeat(np.arange(days), 60)
    hour = np.clip(rng.normal(13.5 - 2 * (day % 7 > 4), 3.2), 5, 22.9)
    at = pd.Timestamp("2025-01-01", tz="UTC") + pd.to_timedelta(24 * day + hour, unit="h")
    weight = rng.normal(size=len(day)) + 0.05 * hour
    return pd.DataFrame({"at": at, "weight": weight, "id": np.arange(len(day))})


@pytest.mark.parametrize(("seed", "precision"), [(1, "exact"), (10, "one of several")])
def test_hours_that_a_clock_may_as_well_be_off_by_are_named_too(seed: int, precision: str) -> None:
    types = contract({"weight": "number"})
    learnt = DriftDetector(learning.learn(arrow.table(parcels(200, 0)), types, 0.01))
    week = parcels(7, seed)
    later = week.assign(at=week["at"] + pd.Timedelta(days=203, hours=2))
    found = Profiler(learnt.baseline.plan, 2_000).profile(arrow.table(later))
    (cause,) = diagnosis.find_each(found.sample, learnt, WEEK, [HOUR], HOUR)
    assert cause.precision == precision
    assert "2 hours later" in cause.words


def test_a_change_of_some_rows_is_found_with_their_share(detector: DriftDetector) -> None:
    week = weather(1, 42, first=26)
    some = week["temp"].mask(week.index % 2 == 0, (week["temp"] - 32) / 1.8)
    found = Profiler(detector.baseline.plan, 2_000).profile(arrow.table(week.assign(temp=some)))
    cause = diagnosis.find(found.sample, detector, WEEK)
    assert cause is not None
    assert (cause.columns, round(cause.share, 1)) == (("temp",), 0.5)


@pytest.mark.parametrize("warmer", [10, 20])
def test_two_columns_in_another_unit_are_named_in_weather_beyond_their_history(
    detector: DriftDetector, warmer: int
) -> None:
    week = weather(1, 41, first=26)
    names = ["temp", "dew"]
    celsius = week.assign(**((week[names] + warmer - 32) / 1.8))
    found = Profiler(detector.baseline.plan, 2_000).profile(arrow.table(celsius))
    cause = diagnosis.find(found.sample, detector, WEEK)
    assert cause is not None
    assert {*cause.columns} == {*names}
    assert cause.words.endswith("look like Celsius instead of Fahrenheit: (x - 32) / 1.8")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"temp": lambda f: (f["temp"] - 32) / 1.8, "load": lambda f: f["load"] * 1_000},
            {
                "temp looks like Celsius instead of Fahrenheit: (x - 32) / 1.8",
                "load looks like a thousand times what it was",
            },
        ),
        (
            {
                "temp": lambda f: f["load"],
                "load": lambda f: f["temp"],
                "town": lambda f: f["town"].replace("ulm", "Ulm"),
            },
            {"temp and load look swapped"},
        ),
        # What drifted together was not put so much higher by anyone.
        ({"temp": lambda f: f["temp"] + 18, "load": lambda f: f["load"] * 1.5}, set()),
    ],
)
def test_a_second_fault_elsewhere_hides_no_cause(
    detector: DriftDetector, change, words: set[str]
) -> None:
    week = weather(1, 41, first=26)
    changed = week.assign(**{name: make(week) for name, make in change.items()})
    found = Profiler(detector.baseline.plan, 2_000).profile(arrow.table(changed))
    blamed = culprits.find(detector, found.counts, WEEK)
    causes = diagnosis.find_each(found.sample, detector, WEEK, blamed, blamed[0])
    assert {cause.words for cause in causes} == words
    assert {cause.precision for cause in causes} <= {"exact"}


def patients(rows: int, seed: int, first: int = 0) -> pd.DataFrame:
    """Return rows of which a number is about one: divided by enough, it is near its middle."""
    rng = np.random.default_rng(seed)
    hours = first + np.sort(rng.uniform(0, 2 * rows, rows))
    return pd.DataFrame(
        {
            "id": np.arange(rows) + seed * 10**6,
            "at": pd.Timestamp("2024-01-01", tz="UTC") + pd.to_timedelta(hours, unit="h"),
            "marker": rng.normal(1, 1, rows),
            "age": rng.normal(60, 10, rows),
            "sex": rng.choice(["f", "m"], rows),
        }
    )


def test_few_values_that_history_had_not_are_not_those_of_another_unit() -> None:
    """A rating of 1 and 2 is no one of 3 to 5 in inches, though its values then are near those."""
    history, window = patients(800, 1), patients(300, 2, first=1_800)
    rng = np.random.default_rng(0)
    for rows, values in ((history, [3.0, 4.0, 5.0]), (window, [1.0, 2.0, 3.0, 4.0, 5.0])):
        rows["marker"] = rng.choice(values, len(rows))
    learnt = DriftDetector(learning.learn(arrow.table(history), PATIENTS, 0.01))
    sample = Profiler(learnt.baseline.plan, 2_000).profile(arrow.table(window)).sample
    assert diagnosis.find(sample, learnt, 400.0, "marker") is None


SPEED, FEET = "kilometres per hour instead of metres per second: x · 3.6", "feet instead of metres"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda x: x + 6, "is about 6 more than the other columns predict"),
        (
            lambda x: x * 3.6,
            f"is about 3.2 to 4.9 times what it was, or looks like {SPEED}, or {FEET}: x / 0.3048",
        ),
        (lambda x: x * 10, "looks like ten times what it was"),
        (
            lambda x: x * 25.4,
            "is about 23 to 35 times what it was, "
            "or looks like millimetres instead of inches: x · 25.4, "
            "or hours instead of days: x · 24, "
            "or hectopascals instead of inches of mercury: x · 33.86",
        ),
        (lambda x: x * 1000, "looks like a thousand times what it was"),
    ],
)
def test_no_more_is_divided_by_than_explains_a_change(change, words: str) -> None:
    history, window = patients(400, 1), patients(200, 2, first=1_000)
    learnt = DriftDetector(learning.learn(arrow.table(history), PATIENTS, 0.01))
    window["marker"] = change(window["marker"])
    sample = Profiler(learnt.baseline.plan, 2_000).profile(arrow.table(window)).sample
    cause = diagnosis.find(sample, learnt, 400.0, "marker")
    assert cause is not None
    assert cause.words == f"marker {words}"


JOBS = contract({"size": "number", "crew": "number", "hours": "number", "kind": "category"})
SIZES = {
    "heavy-tailed": lambda rng, rows: 10 + 10 * rng.pareto(1.5, rows),
    "in whole numbers": lambda rng, rows: rng.integers(20, 400, rows).astype(float),
    "of few values": lambda rng, rows: rng.choice([10.0, 20.0, 30.0, 50.0, 100.0], rows),
    "often zero": lambda rng, rows: np.where(
        rng.random(rows) < 0.3, 0, rng.lognormal(4, 0.7, rows).round(1)
    ),
}


def jobs(size, rows: int = 2_400) -> pd.DataFrame:
    """Return jobs of half a year, whose hours follow from their size, with dates alone."""
    rng = np.random.default_rng(0)
    sizes = size(rng, rows)
    crew = rng.integers(1, 6, rows).astype(float)
    day = np.sort(rng.integers(0, 180, rows))
    return pd.DataFrame(
        {
            "id": np.arange(rows),
            "at": pd.Timestamp("2024-01-01", tz="UTC") + pd.to_timedelta(day, unit="D"),
            "size": sizes,
            "crew": crew,
            "hours": 4 * sizes / np.median(sizes) + crew + rng.normal(0, 1, rows),
            "kind": rng.choice(["roof", "wall"], rows),
        }
    )


@pytest.mark.parametrize("shape", SIZES)
def test_a_factor_is_named_of_numbers_of_every_shape(shape: str) -> None:
    rows = jobs(SIZES[shape])
    history, window = rows[:2_000], rows[2_000:].reset_index(drop=True)
    learnt = DriftDetector(learning.learn(arrow.table(history), JOBS, 0.01))
    words = {}
    for factor in (0.3048, 1.5):
        sample = window.assign(size=window["size"] * factor)
        cause = diagnosis.find(sample, learnt, 720.0, "size")
        words[factor] = cause.words if cause else ""
    assert words[0.3048] == "size looks like metres instead of feet: x · 0.3048"
    # No unit is half as much again.
    assert "looks like" not in words[1.5]
