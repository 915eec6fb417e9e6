"""The diagnosis: a change that can be undone is named, with the share of rows it reached."""

import pandas as pd
import pytest

from shared.baseline import learning
from shared.monitoring import diagnosis
from shared.monitoring.detection import DriftDetector
from shared.profiles.profile import Profiler
from shared.schema import arrow
from tests.monitoring.weather import CONTRACT, WEEK, weather


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
