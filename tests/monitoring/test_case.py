"""A case: its span is the log's, or that of a file's rows."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from shared.model.bundle import Bundle
from shared.monitoring.case import Case
from shared.sections.operation import Monitor
from shared.settings import Settings
from tests.monitoring.traffic import read_case, week


def test_a_file_spans_its_rows_and_a_log_what_was_asked_of_it(
    bundle: Bundle, settings: Settings
) -> None:
    rows = week(20)
    case = read_case(rows, bundle, settings)
    assert (case.start, case.until) == (rows["applied"].min(), rows["applied"].max())
    asked = {"start": datetime(2024, 4, 1, tzinfo=UTC), "until": datetime(2024, 4, 8, tzinfo=UTC)}
    logged = replace(case, scope=replace(case.scope, **asked))
    assert (logged.start, logged.until) == tuple(asked.values())


def test_a_day_is_compared_with_the_days_of_its_weekday(bundle: Bundle, settings: Settings) -> None:
    rows = week(400)
    case = read_case(rows[rows["applied"] < "2024-04-02"], bundle, settings)
    assert case.days is not None
    assert np.flatnonzero(case.days).tolist() == [0]
    days = case.baseline.days
    assert days is not None
    mondays = np.array(days.counts["bins age"][0]) / days.rows[0]
    assert case.history["bins age"] / case.history["rows"] == pytest.approx(mondays, abs=1e-4)
    few = read_case(rows.head(20), bundle, settings)
    assert few.hours < 16
    assert few.history["bins age"].tolist() == case.baseline.counts["bins age"]


def of_day(day: str, hours: tuple[int, int], rows: int = 60) -> pd.DataFrame:
    """Return rows of some hours of a day, evenly."""
    begin, end = (pd.Timestamp(day, tz="UTC") + pd.Timedelta(hours=hour) for hour in hours)
    return week(rows).assign(applied=pd.date_range(begin, end, rows).floor("s"))


def span_of(case: Case) -> tuple[pd.Timestamp, ...]:
    return tuple(pd.Timestamp(at, unit="s") for at in case.due_span or ())


def of_windows(settings: Settings, days: float) -> Settings:
    return settings.model_copy(update={"monitor": Monitor(window_days=days)})


def test_where_windows_are_days_a_file_of_a_days_rows_is_held_against_the_whole_day(
    bundle: Bundle, settings: Settings
) -> None:
    by_days = of_windows(settings, 1)
    whole = (pd.Timestamp("2024-04-02"), pd.Timestamp("2024-04-03"))
    for hours in ((0, 23), (0, 12), (9, 17), (13, 24)):
        assert span_of(read_case(of_day("2024-04-02", hours), bundle, by_days)) == whole
    longer = read_case(of_day("2024-04-02", (0, 36)), bundle, by_days)
    assert span_of(longer) == (whole[0], whole[1] + pd.Timedelta(hours=12))
    sample = read_case(of_day("2024-04-02", (9, 10), rows=2), bundle, by_days)
    assert span_of(sample) == (pd.Timestamp("2024-04-02 09:00"), pd.Timestamp("2024-04-02 10:00"))


@pytest.mark.parametrize("window_days", [0.25, 7])
def test_where_windows_are_no_days_a_file_is_held_against_the_span_of_its_rows(
    bundle: Bundle, settings: Settings, window_days: float
) -> None:
    few = read_case(of_day("2024-04-02", (9, 15)), bundle, of_windows(settings, window_days))
    assert span_of(few) == (pd.Timestamp("2024-04-02 09:00"), pd.Timestamp("2024-04-02 15:00"))


@pytest.mark.parametrize(("hours", "stand_for"), [((1, 23), 24), ((0, 12), 12), ((0, 36), 36)])
def test_rows_from_nearly_all_of_a_day_vary_as_those_of_days_do(
    bundle: Bundle, settings: Settings, hours: tuple[int, int], stand_for: float
) -> None:
    case = read_case(of_day("2024-04-02", hours), bundle, of_windows(settings, 1))
    assert case.hours == pytest.approx(stand_for)


@pytest.mark.parametrize("far", ["1970-01-02", "2099-05-01T10:30"])
def test_a_time_far_from_all_others_does_not_stretch_a_files_span(
    bundle: Bundle, settings: Settings, judged, far: str
) -> None:
    rows = week()
    stray = rows.assign(applied=rows["applied"].mask(rows.index == 7, pd.Timestamp(far, tz="UTC")))
    case = read_case(stray, bundle, settings)
    assert case.profile.size == 233
    assert case.start
    assert case.until
    assert case.start >= rows["applied"].min().floor("h")
    assert case.until <= rows["applied"].max().ceil("h")
    side = "before" if far < "2000" else "after"
    verdict = judged(stray)
    assert verdict.level == "ok"
    assert verdict.notes == (
        f"1 row has a time far {side} all the others, such as {pd.Timestamp(far):%Y-%m-%d %H:%M} "
        "UTC: the window's span is that of the others.",
    )
