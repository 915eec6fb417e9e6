"""Trials: what makes rows normal again is named, with what their values tell as little apart."""

import numpy as np
import pandas as pd
import pytest

from shared.baseline import learning
from shared.monitoring import diagnosis
from shared.monitoring.detection import DriftDetector
from shared.monitoring.diagnosis import Cause
from shared.monitoring.trial import Trial
from shared.schema import arrow
from tests.monitoring.test_diagnosis import PATIENTS, patients


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
        "marker looks like kilometres per hour instead of metres per second: x · 3.6, "
        "or Fahrenheit instead of Celsius: x · 1.8 + 32, "
        "or is about 33.3 more than the other columns predict"
    )
    assert cause.precision == "one of several"


def test_a_unit_after_which_values_are_rounded_as_they_were_is_certain() -> None:
    cause = daily(decimals=1)
    assert cause is not None
    assert cause.words == "marker looks like Fahrenheit instead of Celsius: x · 1.8 + 32"
    assert cause.precision == "exact"


@pytest.mark.parametrize(("below", "swapped"), [(0, True), (4, False)])
def test_what_would_be_beyond_its_history_was_not_swapped(below: float, swapped: bool) -> None:
    history, window = patients(1_000, 1), patients(200, 2, first=2_000)
    for rows in (history, window):
        rows["marker"] += np.random.default_rng(len(rows)).uniform(0, 30, len(rows))
    learnt = DriftDetector(learning.learn(arrow.table(history), PATIENTS, 0.01))
    window["marker"], window["age"] = window["age"], window["marker"] - below
    trial = Trial(window, learnt, 400.0, "marker")
    (swap,) = (change for change in trial.changes() if len(change.columns) > 1)
    assert trial._is_normal(swap, np.ones(len(window), "bool")) == swapped


@pytest.mark.parametrize(
    ("factor", "words"),
    [
        (1.609344, "marker looks like kilometres instead of miles: x · 1.609"),
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
