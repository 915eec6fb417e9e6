"""Rows answered with a log's window whose times are far from it are named, wherever they are."""

import pandas as pd
import pytest

from shared.log.prediction_log import PredictionLog
from shared.model.bundle import Bundle
from shared.monitoring.windows import scope
from shared.settings import Settings
from tests.monitoring.traffic import answer, week

DAY = pd.Timedelta(days=1)


def history(log: PredictionLog, bundle: Bundle, rows: int = 300) -> None:
    """Log rows of the year before, which were answered long before the week is."""
    old = week(rows, seed=4)
    old["applied"] = pd.date_range("2023-01-01", "2024-03-24", rows, tz="UTC").floor("s")
    old["loan"] = [f"old{at}" for at in range(rows)]
    answer(log, old, bundle)


@pytest.fixture
def year(log: PredictionLog, bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> PredictionLog:
    with monkeypatch.context() as earlier:
        earlier.setattr("tests.monitoring.traffic.ANSWERED", pd.Timestamp("2024-03-25", tz="UTC"))
        history(log, bundle)
    return log


def test_a_wrong_time_within_the_logs_history_is_named(
    judged, year: PredictionLog, bundle: Bundle, settings: Settings
) -> None:
    rows = week()
    rows.loc[[7, 9], "applied"] = pd.Timestamp("2023-06-05 10:30", tz="UTC")
    answer(year, rows, bundle)
    verdict = judged(scope.plan_log(year, None, settings))
    assert verdict.rows == 231
    assert [note for note in verdict.notes if "far" in note] == [
        "2 rows have times far before all the others, such as 2023-06-05 10:30 UTC: the window is "
        "that of the others."
    ]


def test_a_wrong_time_after_a_window_of_long_ago_is_named(
    judged, year: PredictionLog, bundle: Bundle, settings: Settings
) -> None:
    rows = week()
    rows.loc[7, "applied"] += 90 * DAY
    later = week(300, seed=8).assign(loan=[f"new{at}" for at in range(300)])
    later["applied"] = pd.date_range("2024-04-08", "2024-09-01", 300, tz="UTC").floor("s")
    answer(year, rows, bundle)
    with pytest.MonkeyPatch.context() as since:
        since.setattr("tests.monitoring.traffic.ANSWERED", pd.Timestamp("2024-09-01", tz="UTC"))
        answer(year, later, bundle)
    until = week()["applied"].max().ceil("min").to_pydatetime()
    verdict = judged(scope.plan_log(year, until, settings))
    assert [note for note in verdict.notes if "far" in note] == [
        f"1 row has a time far after all the others, such as {rows['applied'][7]:%Y-%m-%d %H:%M} "
        "UTC: the window is that of the others."
    ]


def test_many_rows_of_another_time_are_answered_on_purpose(
    judged, year: PredictionLog, bundle: Bundle, settings: Settings
) -> None:
    rows = week()
    rows.loc[rows.index < 100, "applied"] -= 90 * DAY
    answer(year, rows, bundle)
    verdict = judged(scope.plan_log(year, None, settings))
    assert verdict.rows == 133
    assert not [note for note in verdict.notes if "far" in note]
