"""Clock gains: rows, and the columns that follow the hour, are likelier at the hour they are of."""

import numpy as np
import pandas as pd
import pytest

from shared.baseline import learning
from shared.baseline.baseline_profile import BaselineProfile
from shared.baseline.clock_gains import SHIFTS, ClockGains, clock_gains, information_of_hour
from shared.monitoring.causes import transformations
from shared.monitoring.causes.trial import Trial
from shared.monitoring.input_checks.detection import DriftDetector
from shared.profiles import gram
from shared.profiles.counts import Counts
from shared.profiles.gram import HOUR, GramLayout
from shared.profiles.profile import Profiler
from shared.schema import arrow
from tests.monitoring.weather import CONTRACT, WEEK, weather

LATE = [*SHIFTS].index(2)


@pytest.fixture(scope="module")
def learnt() -> BaselineProfile:
    return learning.learn(arrow.table(weather(26)), CONTRACT, 0.01)


def _counts(learnt: BaselineProfile, rows: pd.DataFrame) -> Counts:
    return Profiler(learnt.plan, 2_000).profile(arrow.table(rows)).counts


def _gains(learnt: BaselineProfile, rows: pd.DataFrame) -> ClockGains:
    before = learnt.before()
    inverse = gram.precision(before["gram"])
    return clock_gains(_counts(learnt, rows), before, learnt.plan, inverse)


@pytest.mark.parametrize("hours", [1, -1, 2, 5, 12])
def test_columns_that_follow_the_hour_fit_it_with_the_clock_turned_back(
    learnt: BaselineProfile, hours: int
) -> None:
    week = weather(1, 41, first=26)
    gains = _gains(learnt, week.assign(at=week["at"] + pd.Timedelta(hours=hours)))
    assert SHIFTS[gains.total.argmax()] == hours
    assert gains.most() > 0.03
    # Rows come at any hour alike.
    assert np.abs(gains.arrivals).max() < 0.01


def test_rows_at_their_own_hours_gain_nothing(learnt: BaselineProfile) -> None:
    assert _gains(learnt, weather(1, 41, first=26)).most() < 0


def test_gains_are_those_of_rows_one_by_one(learnt: BaselineProfile) -> None:
    rows = weather(1, 41, first=26)
    rows = rows.assign(at=rows["at"] + pd.Timedelta(hours=2))
    trial, found = Trial(rows, DriftDetector(learnt), WEEK, None), _gains(learnt, rows)
    every = zip(transformations.HOURS, transformations.changes_of_clock("at"), strict=True)
    (back,) = (change for hours, change in every if hours == 2)
    one_by_one = trial.likelihood.gain(back) / len(rows) / 2
    assert found.total[LATE] == pytest.approx(one_by_one, abs=0.02)


def test_rows_that_come_at_some_hours_tell_by_themselves() -> None:
    def at_noon(rows: pd.DataFrame) -> pd.DataFrame:
        return rows[rows["at"].dt.hour.between(10, 14)]

    learnt = learning.learn(arrow.table(at_noon(weather(26))), CONTRACT, 0.01)
    week = at_noon(weather(1, 41, first=26))
    gains = _gains(learnt, week.assign(at=week["at"] + pd.Timedelta(hours=2)))
    assert SHIFTS[gains.arrivals.argmax()] == 2
    assert gains.arrivals[LATE] > 1


def test_a_shift_that_is_due_is_what_others_have_to_be_likelier_than(
    learnt: BaselineProfile,
) -> None:
    week = weather(1, 41, first=26)
    gains = _gains(learnt, week.assign(at=week["at"] + pd.Timedelta(hours=1)))
    assert gains.most() > 0.03
    assert gains.most({1}) == pytest.approx(0)
    assert gains.most({-1}) == gains.most()


def test_the_hour_tells_of_columns_that_follow_it(learnt: BaselineProfile) -> None:
    before, groups = learnt.before()["gram"], GramLayout(learnt.plan).groups
    told = {n: information_of_hour(before, groups[HOUR], groups[n]) for n in ("load", "town")}
    rows = weather(26)
    angle = 2 * np.pi * rows["at"].dt.hour.to_numpy() / 24
    waves = np.stack([wave(n * angle) for n in (1, 2) for wave in (np.sin, np.cos)], axis=1)
    apart = (rows["load"] - rows["load"].mean()).to_numpy()
    left = apart - waves @ np.linalg.lstsq(waves, apart)[0]
    assert told["load"] == pytest.approx(-np.log(left.var() / apart.var()) / 2, abs=0.05)
    assert told["town"] < 0.005
