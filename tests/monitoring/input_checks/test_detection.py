"""Deviations: ordinary windows stay below their thresholds, and the culprit is named."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from shared.baseline import bounded_shares, learning
from shared.baseline.baseline_profile import SEASONAL, statistic_key
from shared.baseline.noise import Noise
from shared.baseline.statistics import Statistic
from shared.monitoring.input_checks.detection import Deviation, DriftDetector, as_frozen
from shared.profiles.dependence import MOST_LOST
from shared.profiles.profile import Profiler
from shared.schema import arrow
from tests.monitoring.weather import CONTRACT, beyond, weather

# Which values come again is told by hashes of their bits.
OF_BITS = {"values", "spike", "lead", "range"}


def test_weeks_that_were_not_learnt_from_are_ordinary(detector: DriftDetector) -> None:
    odd = [beyond(detector, weather(1, seed, first=26 + seed % 3)) for seed in range(1, 25)]
    assert [found for found in odd if found] == []


def test_size_alone_is_no_deviation(detector: DriftDetector) -> None:
    week = weather(1, 43, first=26)
    for rows in (100, 300, 504):
        assert beyond(detector, week.sample(rows, random_state=1)) == []
    assert beyond(detector, weather(1, 43, first=26, an_hour=300)) == []


def test_a_column_that_stands_still_is_odd_where_no_span_had_that_much_of_one_value(
    detector: DriftDetector,
) -> None:
    # Values of which each day had another one: a week of one was as far as such shares may vary.
    found = Deviation(Statistic("spike", "temp"), 0.94, 1.0, 0.48, 168, 14)
    assert as_frozen(found, 168.0).threshold == pytest.approx(0.71)
    assert as_frozen(found, 168.0).beyond
    for other in ({"largest": 0.8}, {"blocks": 5}, {"hours": 252}, {"largest": None}):
        unlike = replace(found, **other)
        assert as_frozen(unlike, 168.0) == unlike
    week = weather(1, 43, first=26)
    for change, frozen in (({}, False), ({"temp": 40.0, "town": "ulm"}, True)):
        counts = Profiler(detector.baseline.plan, 100).profile(arrow.table(week.assign(**change)))
        for column in ("temp", "town"):
            assert detector.is_frozen(column, counts.counts) == frozen
    few = Profiler(detector.baseline.plan, 100).profile(arrow.table(week.head(20).assign(temp=4.0)))
    assert not detector.is_frozen("temp", few.counts)


def test_what_half_a_year_has_not_shown_is_judged_less_sharply_later(
    detector: DriftDetector,
) -> None:
    later = DriftDetector(detector.baseline, gap=12 * 168.0)
    found = Profiler(detector.baseline.plan, 100).profile(arrow.table(weather(1, 43, first=26)))
    now, then = (each.measure(found.counts, 168.0) for each in (detector, later))
    # What can be a half at most is wider by what is left of that.
    wider = {name for name in now if _stretched(then[name]) > 1.2 * _stretched(now[name])}
    assert {Statistic("distance", "temp"), Statistic("distance", "town")} <= wider
    sharp = later.without_gap().measure(found.counts, 168.0)
    # But a season may bring all values beyond the range of history, and be to blame for nothing.
    assert {name: one.threshold for name, one in sharp.items()} == {
        name: (then if name.check == "range" else now)[name].threshold for name in now
    }
    # What is lost is lost in any season.
    assert all(name.check in SEASONAL for name in wider)


@pytest.mark.parametrize("unit", [1e-6, 1e6])
def test_a_shift_is_as_far_in_any_unit(unit: float) -> None:
    found = []
    for factor in (1.0, unit):
        baseline = learning.learn(arrow.table(_in_unit(weather(16), factor)), CONTRACT, 0.01)
        week = _in_unit(
            weather(1, 43, first=26).assign(temp=lambda rows: rows["temp"] + 12), factor
        )
        counts = Profiler(baseline.plan, 100).profile(arrow.table(week)).counts
        found.append(DriftDetector(baseline).measure(counts, 168.0))
    plain, scaled = (
        {name: one.number for name, one in measured.items() if name.check not in OF_BITS}
        for measured in found
    )
    assert Statistic("distance", "temp") in plain
    assert scaled == pytest.approx(plain, rel=1e-6, abs=1e-9)
    assert any(one.beyond for name, one in found[1].items() if name.column == "temp")


def _in_unit(rows: pd.DataFrame, factor: float) -> pd.DataFrame:
    return rows.assign(temp=rows["temp"] * factor)


def test_a_value_that_stands_out_is_told_in_a_season_that_a_short_history_has_not_had() -> None:
    history, week = (weather(*each).round({"temp": 0}) for each in ((16,), (1, 43, 26)))
    baseline = learning.learn(arrow.table(history), CONTRACT, 0.01)
    later = DriftDetector(baseline, gap=10 * 168.0)
    for stuck, odd in ((0, set()), (5, {"lead"})):
        held = week["temp"].mask(np.arange(len(week)) % 25 < stuck, week["temp"].iloc[0])
        counts = Profiler(baseline.plan, 100).profile(arrow.table(week.assign(temp=held))).counts
        of_one = {"spike", "lead"}
        measured = later.measure(counts, 168.0).items()
        told = {name.check for name, one in measured if name.column == "temp" and one.beyond}
        assert told & of_one == odd


def _stretched(deviation: Deviation) -> float:
    most = 0.5 if deviation.statistic == ("distance", "temp") else np.inf
    return float(bounded_shares.stretch(deviation.threshold, most))


def test_shuffled_values_pass_nothing_where_chance_may_be_all_of_a_dependence(
    detector: DriftDetector,
) -> None:
    shuffled = weather(1, 43, first=26)
    shuffled["temp"] = shuffled["temp"].sample(frac=1, random_state=0).to_numpy()

    profiled = Profiler(detector.baseline.plan, 504).profile(arrow.table(shuffled))
    now = detector.with_dependences(profiled.counts, profiled.sample)
    name = Statistic("dependence", "temp")
    assert detector.measure(now, 168.0)[name].beyond
    noise = {**detector.baseline.noise, statistic_key(name): Noise(0, 504**0.5)}
    vague = DriftDetector(detector.baseline.model_copy(update={"noise": noise}))
    found = vague.measure(now, 168.0)[name]
    assert found.threshold >= MOST_LOST
    assert not found.beyond
    # Values that came in the opposite order are farther from what was due than that.
    week = weather(1, 43, first=26)
    opposite = week.assign(temp=2 * week["temp"].median() - week["temp"])
    profiled = Profiler(detector.baseline.plan, 504).profile(arrow.table(opposite))
    now = detector.with_dependences(profiled.counts, profiled.sample)
    assert vague.measure(now, 168.0)[name].beyond


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


def monthly(months: int, first: str = "2020-01-01", every: str = "MS") -> pd.DataFrame:
    """Return weather of which 40 rows come at once on the first of each month, or each quarter."""
    came = pd.date_range(first, periods=months, freq=every, tz="UTC").repeat(40)
    return weather(months, 46, an_hour=1).head(len(came)).assign(at=came)


def test_rows_that_come_once_a_month_are_silent_until_one_month_is_left_out() -> None:
    learnt = learning.learn(arrow.table(monthly(48)), CONTRACT, 0.01)
    begin = pd.Timestamp("2024-03-02", tz="UTC").timestamp()
    profiled = Profiler(learnt.plan, 100).profile(arrow.table(monthly(4, "2024-02-01")))
    for days in (31, 92):
        held = DriftDetector(learnt).arrivals(profiled.arrived, begin, begin + days * 86_400, True)
        assert not held[Statistic("silence", "at")].beyond
    lost = monthly(4, "2024-02-01").drop(index=range(80, 120))
    profiled = Profiler(learnt.plan, 100).profile(arrow.table(lost))
    held = DriftDetector(learnt).arrivals(profiled.arrived, begin, begin + 92 * 86_400, True)
    assert held[Statistic("silence", "at")].beyond


def test_rows_that_come_once_a_quarter_are_as_many_as_ever() -> None:
    learnt = learning.learn(arrow.table(monthly(17, every="QS")), CONTRACT, 0.01)
    begin = pd.Timestamp("2024-02-01", tz="UTC").timestamp()
    profiled = Profiler(learnt.plan, 100).profile(arrow.table(monthly(1, "2024-04-01")))
    held = DriftDetector(learnt).arrivals(profiled.arrived, begin, begin + 91 * 86_400, True)
    assert not held[Statistic("volume", "at")].beyond
    assert not held[Statistic("silence", "at")].beyond


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


def test_a_column_that_is_absent_breaks_no_relation_of_the_others(detector: DriftDetector) -> None:
    week = weather(1, 47, first=26)
    assert beyond(detector, week.drop(columns=["dew", "probability"])) == []
