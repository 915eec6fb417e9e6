"""Deviations: ordinary windows stay below their thresholds, and the culprit is named."""

import json

import numpy as np
import pandas as pd
import pytest

from shared.baseline import baseline_profile, learning
from shared.baseline.baseline_profile import BaselineProfile
from shared.baseline.statistics import Statistic
from shared.errors import Refusal
from shared.monitoring import culprits, diagnosis
from shared.monitoring.detection import Deviation, DriftDetector
from shared.profiles.profile import Profiler
from shared.schema import arrow
from tests.profiles.contracts import contract

WEEK = 168.0
CONTRACT = contract({"temp": "number", "dew": "number", "load": "number", "town": "category"})


def weather(weeks: int, seed: int = 0, first: int = 0, an_hour: int = 3) -> pd.DataFrame:
    """Return hours with weather that persists for days, and a season; a few rows for each hour."""
    rng = np.random.default_rng(seed)
    hours = np.repeat(np.arange(first * 168, (first + weeks) * 168), an_hour)
    days = rng.normal(0, 6, weeks * 7 + 2).cumsum() * 0.3
    temp = 40 + 0.1 * hours / 24 + np.interp(hours - hours[0], 24 * np.arange(len(days)), days)
    temp = temp + 8 * np.sin(2 * np.pi * hours / 24) + rng.normal(0, 1, len(hours))
    return pd.DataFrame(
        {
            "id": np.arange(len(hours)) + seed * 10**6,
            "at": pd.Timestamp("2024-01-01", tz="UTC") + pd.to_timedelta(hours, unit="h"),
            "temp": temp,
            "dew": temp - 10 + rng.normal(0, 1.5, len(hours)),
            "load": rng.gamma(16, 2.5, len(hours)) * (2 + np.sin(2 * np.pi * hours / 24)),
            "town": rng.choice(["ulm", "bonn", "kiel"], len(hours), p=[0.5, 0.3, 0.2]),
            "probability": 1 / (1 + np.exp(-(temp - 45) / 10)),
        }
    )


@pytest.fixture(scope="module")
def learnt() -> BaselineProfile:
    return learning.learn(arrow.table(weather(26)), CONTRACT, 0.01)


@pytest.fixture(scope="module")
def detector(learnt: BaselineProfile) -> DriftDetector:
    return DriftDetector(learnt)


def beyond(detector: DriftDetector, frame: pd.DataFrame) -> list[Statistic]:
    found = Profiler(detector.baseline.plan, 2_000).profile(arrow.table(frame))
    held = detector.measure(found.counts, WEEK)
    return [statistic for statistic, deviation in held.items() if deviation.beyond]


def blamed_by(detector: DriftDetector, frame: pd.DataFrame) -> list[str]:
    found = Profiler(detector.baseline.plan, 2_000).profile(arrow.table(frame))
    return culprits.find(detector, found.counts, WEEK)


def test_weeks_that_were_not_learnt_from_are_ordinary(detector: DriftDetector) -> None:
    odd = [beyond(detector, weather(1, seed, first=26 + seed % 3)) for seed in range(1, 25)]
    assert [found for found in odd if found] == []


def test_what_is_usual_comes_back_from_json_as_it_was(learnt: BaselineProfile) -> None:
    text = json.dumps(learnt.model_dump(mode="json"))
    assert baseline_profile.read_baseline_profile(json.loads(text)) == learnt


def test_a_profile_of_an_older_millrace_is_refused_in_a_line() -> None:
    with pytest.raises(Refusal, match="packaged by an older Millrace"):
        baseline_profile.read_baseline_profile({"rows": 3, "columns": {}})


@pytest.mark.parametrize(
    ("change", "culprit"),
    [
        ({"temp": lambda f: (f["temp"] - 32) / 1.8}, "temp"),
        ({"dew": lambda f: f["dew"] + 30}, "dew"),
        ({"load": lambda f: f["load"] * 3}, "load"),
        ({"load": lambda f: f["load"].mask(f.index % 5 == 0)}, "load"),
        ({"town": lambda f: f["town"].replace("ulm", "Ulm")}, "town"),
        ({"town": "ulm"}, "town"),
        ({"temp": lambda f: f["temp"].iloc[0]}, "temp"),
        ({"probability": 0.5}, "probability"),
    ],
)
def test_the_column_that_was_changed_is_blamed_and_no_other(
    detector: DriftDetector, change, culprit: str
) -> None:
    week = weather(1, 40, first=26).assign(**change)
    found = Profiler(detector.baseline.plan, 2_000).profile(arrow.table(week))
    cause = diagnosis.find(found.sample, detector, WEEK)
    blamed = list(cause.columns) if cause else blamed_by(detector, week)
    assert blamed[0] == culprit


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


def test_a_change_of_some_rows_is_found_with_their_share(detector: DriftDetector) -> None:
    week = weather(1, 42, first=26)
    some = week["temp"].mask(week.index % 2 == 0, (week["temp"] - 32) / 1.8)
    found = Profiler(detector.baseline.plan, 2_000).profile(arrow.table(week.assign(temp=some)))
    cause = diagnosis.find(found.sample, detector, WEEK)
    assert cause is not None
    assert (cause.columns, round(cause.share, 1)) == (("temp",), 0.5)


def test_size_alone_is_no_deviation(detector: DriftDetector) -> None:
    week = weather(1, 43, first=26)
    for rows in (100, 300, 504):
        assert beyond(detector, week.sample(rows, random_state=1)) == []
    assert beyond(detector, weather(1, 43, first=26, an_hour=300)) == []


def arrivals(
    detector: DriftDetector, frame: pd.DataFrame, whole: bool = True
) -> dict[str, Deviation]:
    found = Profiler(detector.baseline.plan, 100).profile(arrow.table(frame))
    start = pd.Timestamp("2024-01-01", tz="UTC") + pd.Timedelta(weeks=26)
    ends = start.timestamp(), start.timestamp() + 7 * 86_400
    held = detector.arrivals(found.arrived, *ends, whole)
    return {statistic.check: deviation for statistic, deviation in held.items()}


def test_rows_that_are_lost_or_doubled_change_the_volume(detector: DriftDetector) -> None:
    week = weather(1, 44, first=26)
    assert not arrivals(detector, week)["volume"].beyond
    assert arrivals(detector, week.iloc[::2])["volume"].beyond
    assert arrivals(detector, pd.concat([week, week]))["volume"].beyond


def test_a_silence_is_told_and_a_sample_is_no_loss(detector: DriftDetector) -> None:
    week = weather(1, 45, first=26)
    assert not arrivals(detector, week)["silence"].beyond
    assert arrivals(detector, week.drop(index=range(200, 290)))["silence"].beyond
    sample = arrivals(detector, week.sample(60, random_state=0), whole=False)
    assert "volume" not in sample
    assert not sample["silence"].beyond


def test_a_short_history_has_the_noise_of_chance_for_a_threshold() -> None:
    hours = weather(1).head(60)
    learnt = learning.learn(arrow.table(hours), CONTRACT, 0.01)
    found = Profiler(learnt.plan, 100).profile(arrow.table(hours))
    held = DriftDetector(learnt).measure(found.counts, 20.0)
    assert not [d for d in held.values() if d.beyond]
    assert {d.largest for d in held.values() if d.hours is None} <= {None}


@pytest.mark.parametrize(
    "change",
    [
        {"load": 7.0},
        {"load": np.nan},
        {"town": None},
        {"town": "ulm"},
        {"probability": 0.5},
        {"load": lambda f: np.where(f.index < 9, 1e300, f["load"])},
    ],
)
def test_any_history_can_be_learnt_from_and_is_ordinary_to_itself(change) -> None:
    frame = weather(6).assign(**change)
    detector = DriftDetector(learning.learn(arrow.table(frame), CONTRACT, 0.01))
    assert beyond(detector, frame.tail(504)) == []


def test_a_score_that_follows_from_a_wrong_input_is_not_blamed(detector: DriftDetector) -> None:
    week = weather(1, 46, first=26)
    wrong = week.assign(temp=week["temp"] * 10)
    scored = wrong.assign(probability=1 / (1 + np.exp(-(wrong["temp"] - 45) / 10)))
    assert blamed_by(detector, scored) == ["temp"]
    assert blamed_by(detector, week.assign(probability=1 - week["probability"])) == ["probability"]


def test_a_column_that_is_absent_breaks_no_relation_of_the_others(detector: DriftDetector) -> None:
    week = weather(1, 47, first=26)
    assert beyond(detector, week.drop(columns=["dew", "probability"])) == []


def test_rows_that_one_category_has_lost_are_its_own(detector: DriftDetector) -> None:
    week = weather(1, 48, first=26)
    found = beyond(detector, week[week["town"] != "bonn"])
    assert Statistic("fewer", "town") in found
    assert blamed_by(detector, week[week["town"] != "bonn"])[0] == "town"
