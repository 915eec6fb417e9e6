"""Culprits: the column that was changed is blamed, and what follows from it is not."""

import numpy as np
import pytest

from shared.baseline.statistics import Statistic
from shared.monitoring.causes import diagnosis
from shared.monitoring.input_checks.detection import DriftDetector
from shared.profiles.profile import Profiler
from shared.schema import arrow
from tests.monitoring.weather import WEEK, beyond, blamed_by, weather


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


def test_a_score_that_follows_from_a_wrong_input_is_not_blamed(detector: DriftDetector) -> None:
    week = weather(1, 46, first=26)
    wrong = week.assign(temp=week["temp"] * 10)
    scored = wrong.assign(probability=1 / (1 + np.exp(-(wrong["temp"] - 45) / 10)))
    assert blamed_by(detector, scored) == ["temp"]
    assert blamed_by(detector, week.assign(probability=1 - week["probability"])) == ["probability"]


def test_rows_that_one_category_has_lost_are_its_own(detector: DriftDetector) -> None:
    week = weather(1, 48, first=26)
    assert Statistic("fewer", "town") in beyond(detector, week[week["town"] != "bonn"])
    assert blamed_by(detector, week[week["town"] != "bonn"])[0] == "town"
