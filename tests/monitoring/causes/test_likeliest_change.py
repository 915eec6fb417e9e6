"""What makes rows normal again is named, with what their values tell as little apart."""

import numpy as np
import pandas as pd

from shared.baseline import learning
from shared.monitoring.causes import diagnosis
from shared.monitoring.causes.diagnosis import Cause
from shared.monitoring.input_checks.detection import DriftDetector
from shared.schema import arrow
from tests.monitoring.causes.test_diagnosis import PATIENTS, patients


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
