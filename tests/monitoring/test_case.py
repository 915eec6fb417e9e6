"""A case: its span is the log's, or that of a file's rows."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from shared.model.bundle import Bundle
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
