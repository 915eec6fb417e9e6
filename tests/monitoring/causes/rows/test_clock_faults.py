"""Faults of a clock: told by when rows come, or by several columns, and by how many hours."""

from collections.abc import Callable

import pandas as pd
import pytest

from shared.baseline import learning
from shared.monitoring.causes import culprits
from shared.monitoring.causes.rows import clock_faults
from shared.monitoring.causes.rows.clock_faults import ClockFault
from shared.monitoring.input_checks.detection import DriftDetector
from shared.profiles.profile import Profiler
from shared.schema import arrow
from tests.monitoring.weather import WEEK, weather
from tests.profiles.contracts import contract


def fault_of(detector: DriftDetector, rows: pd.DataFrame) -> ClockFault | None:
    found = Profiler(detector.baseline.plan, 2_000).profile(arrow.table(rows))
    counts = detector.with_dependences(found.counts, found.sample)
    measured = [*detector.measure(counts, WEEK).values()]
    blamed = culprits.find(detector, counts, WEEK)
    return clock_faults.find(detector, counts, WEEK, measured, blamed, found.sample)


def late(rows: pd.DataFrame, hours: int) -> pd.DataFrame:
    return rows.assign(at=rows["at"] + pd.Timedelta(hours=hours))


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (1, "at looks 1 hour late (3 of 3 columns that follow the hour)"),
        (-1, "at looks 1 hour early (3 of 3 columns that follow the hour)"),
        (2, "at looks 2 hours late (3 of 3 columns that follow the hour)"),
        (5, "at looks 5 hours late (3 of 3 columns that follow the hour)"),
    ],
)
def test_a_clock_that_is_off_is_told_with_its_hours(
    detector: DriftDetector, hours: int, words: str
) -> None:
    fault = fault_of(detector, late(weather(1, 41, first=26), hours))
    assert fault is not None
    assert fault.cause.words == words
    assert (fault.cause.columns, fault.cause.share) == (("at",), 1.0)
    # Clocks are put forward and back by an hour every year.
    assert fault.cause.due == (abs(hours) == 1)


def test_the_hours_at_which_rows_come_tell_alone() -> None:
    def by_day(rows: pd.DataFrame) -> pd.DataFrame:
        return rows[rows["at"].dt.hour.between(8, 17)].drop(columns=["temp", "dew", "load"])

    types = contract({"town": "category"})
    learnt = DriftDetector(learning.learn(arrow.table(by_day(weather(26))), types, 0.01))
    fault = fault_of(learnt, late(by_day(weather(1, 41, first=26)), 2))
    assert fault is not None
    assert fault.cause.words == "at looks 2 hours late (the shape of the day)"


def _nothing(rows: pd.DataFrame) -> pd.DataFrame:
    return rows


def _load_of_another_hour(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(load=rows["load"].shift(9).bfill())


@pytest.mark.parametrize("change", [_nothing, _load_of_another_hour])
def test_one_column_of_other_hours_is_no_clock(
    detector: DriftDetector, change: Callable[[pd.DataFrame], pd.DataFrame]
) -> None:
    assert fault_of(detector, change(weather(1, 41, first=26))) is None


def test_what_the_clock_explains_is_not_to_blame(detector: DriftDetector) -> None:
    rows = late(weather(1, 41, first=26), 5)
    broken = rows.assign(town="ulm")
    fault = fault_of(detector, broken)
    assert fault is not None
    assert fault.left(broken, detector, WEEK, ["load", "town"]) == ["town"]


def test_several_hours_are_named_as_a_range() -> None:
    fault = ClockFault("at", (3, 2), shape=True, fitting=1, following=1)
    words = "at looks 2 to 3 hours late (the shape of the day, 1 of 1 column that follows the hour)"
    assert (fault.cause.words, fault.cause.precision) == (words, "one of several")
