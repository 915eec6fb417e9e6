"""Trials: what makes rows normal again is named, with what their values tell as little apart."""

import numpy as np
import pandas as pd

from shared.baseline import learning
from shared.monitoring import diagnosis
from shared.monitoring.detection import DriftDetector
from shared.schema import arrow
from tests.monitoring.test_diagnosis import PATIENTS, patients


def test_a_unit_is_named_beside_an_offset_that_few_distinct_values_tell_as_little() -> None:
    rng = np.random.default_rng(2)
    levels = 12 + 4 * rng.normal(0, 1, 187)
    history, window = patients(1_000, 1), patients(40, 2, first=180 * 24)
    for rows in (history, window):
        days = (rows["at"] - pd.Timestamp("2024-01-01", tz="UTC")).dt.days
        rows["marker"] = levels[days.clip(upper=186)].round(1)
    learnt = DriftDetector(learning.learn(arrow.table(history), PATIENTS, 0.01))
    window["marker"] = 1.8 * window["marker"] + 32
    cause = diagnosis.find(window, learnt, 168.0, "marker")
    assert cause is not None
    assert cause.words == (
        "marker looks like Fahrenheit instead of Celsius: x · 1.8 + 32, "
        "or kilometres per hour instead of metres per second: x · 3.6, "
        "or feet instead of metres: x / 0.3048, "
        "or is about 32.9 more than the other columns predict"
    )
    assert cause.precision == "one of several"
