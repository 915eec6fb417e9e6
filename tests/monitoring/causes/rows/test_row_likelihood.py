"""The likelihood of rows: changes of other scales are compared by how likely rows are without."""

import numpy as np
import pandas as pd

from shared.monitoring.causes import transformations
from shared.monitoring.causes.rows.row_likelihood import RowLikelihood
from shared.monitoring.input_checks.detection import DriftDetector
from shared.profiles.counter import Counter
from shared.schema import arrow
from tests.monitoring.weather import weather


def likelihood(detector: DriftDetector, rows: pd.DataFrame) -> RowLikelihood:
    features = Counter(detector.baseline.plan).count(arrow.table(rows)).features.matrix()
    return RowLikelihood(rows, features, detector, detector.inverse)


def test_the_change_that_was_made_gains_most(detector: DriftDetector) -> None:
    week = weather(1, 41, first=26)
    celsius = week.assign(temp=(week["temp"] - 32) / 1.8)
    tried = [*transformations.changes_of_numbers(["temp"], {"temp": -30.0})]
    now = likelihood(detector, celsius)
    best = max(tried, key=now.gain)
    assert best.words.startswith("temp looks like Celsius instead of Fahrenheit")
    assert now.gain(best) > 0
    usual = likelihood(detector, week)
    assert all(usual.gain(change) < 0 for change in tried)


def test_energies_are_those_of_the_rows_with_other_values(detector: DriftDetector) -> None:
    week = weather(1, 41, first=26)
    other = week.assign(dew=week["dew"] + 5)
    assert np.allclose(
        likelihood(detector, week).energies_with({"dew": other["dew"]}),
        likelihood(detector, other).energies,
    )


def test_a_factor_follows_from_the_other_columns_too(detector: DriftDetector) -> None:
    week = weather(1, 41, first=26)
    factor = likelihood(detector, week.assign(dew=week["dew"] * 3.6)).factor("dew")
    assert factor is not None
    assert abs(np.log(factor.value / 3.6)) < 0.1
