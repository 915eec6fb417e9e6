"""Evidently's reports: whole pages that fetch nothing, and a plain page where it cannot draw."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from shared.model.bundle import Bundle
from shared.monitoring import drill_down, findings
from shared.monitoring.pages import Reports
from shared.settings import Settings
from tests.conftest import bundle_of
from tests.kinds import REGRESSION
from tests.monitoring.traffic import read_case, week

DRAWN = "window.drawDashboard("
PERCENT = "Percentage Error"


@pytest.fixture
def drawn(bundle: Bundle, settings: Settings):
    def draw(frame: pd.DataFrame, **monitor: Any) -> Reports:
        asked = settings.model_copy(update={"monitor": settings.monitor.model_copy(update=monitor)})
        case = read_case(frame, bundle, asked)
        return drill_down.write(case, findings.find(case))

    return draw


def test_an_ordinary_window_has_three_reports_that_say_what_they_show(
    drawn, bundle: Bundle
) -> None:
    pages = drawn(week(), sample_rows=200)
    for page in vars(pages).values():
        assert DRAWN in page
        assert page.index("Content-Security-Policy") < page.index("<style")
        assert "<iframe" not in page
    known = f"{len(bundle.reference()):,} rows of the reference"
    assert f"Evidently on 200 of 233 rows of the window and 200 of {known}" in pages.data_drift
    assert "Left out" not in pages.data_drift


def test_the_reports_drift_where_the_verdict_does_and_nowhere_else(drawn) -> None:
    assert "Dataset Drift is NOT detected" in drawn(week()).data_drift
    poorer = week().assign(income=lambda frame: frame["income"] / 4)
    assert "Dataset Drift is detected" in drawn(poorer).data_drift
    # The season of one week in a winter's history: strange to a test, normal for the problem.
    few = week().head(50)
    most = drawn(few.assign(region=few["region"].where(few.index < 10, "north"))).data_drift
    assert "Dataset Drift is NOT detected" in most
    assert "Too few rows to judge" in most
    # That all are equal, few rows prove as well.
    assert "Dataset Drift is detected" in drawn(few.assign(region="north")).data_drift


def test_an_empty_column_is_left_out_of_the_drift_report_by_name(drawn) -> None:
    pages = drawn(week().assign(income=np.nan, region=None))
    said = "because they are empty in the window or in the reference: income, region."
    assert said in pages.data_drift
    assert DRAWN in pages.data_drift
    assert DRAWN in pages.data_summary


def test_a_column_that_a_file_lacks_is_left_out_by_name(drawn) -> None:
    pages = drawn(week().drop(columns="age"))
    assert "because the window lacks them: age." in pages.data_summary
    assert DRAWN in pages.data_drift
    assert "the rows have no answers" in pages.quality
    assert DRAWN not in pages.quality


@pytest.mark.parametrize(
    "change",
    [
        {"region": "north", "income": 3.0},
        {"region": "west"},
        {"income": "a lot", "guarantee": 7},
        {"employed": None},
    ],
)
def test_constant_new_and_unreadable_values_are_drawn(drawn, change: dict[str, Any]) -> None:
    pages = drawn(week().assign(**change, probability=0.5))
    assert DRAWN in pages.data_summary
    assert DRAWN in pages.data_drift
    assert DRAWN in pages.quality


def test_one_row_is_drawn(drawn) -> None:
    pages = drawn(week().tail(1))
    assert DRAWN in pages.data_summary
    assert DRAWN in pages.data_drift
    assert DRAWN not in pages.quality


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (np.nan, "none of the outcomes that are due has arrived (233)"),
        (0.0, "all 233 outcomes are of one class"),
    ],
)
def test_outcomes_that_draw_nothing_are_told_on_a_plain_page(drawn, outcome, words) -> None:
    page = drawn(week().assign(defaulted=outcome)).quality
    assert words in page
    assert DRAWN not in page


def test_a_report_that_evidently_cannot_draw_is_a_page_with_its_error(monkeypatch, drawn) -> None:
    def broken(**_: Any) -> None:
        raise ZeroDivisionError("a new version's whim")

    monkeypatch.setattr("shared.monitoring.report.DataDriftPreset", broken)
    pages = drawn(week())
    assert "could not draw this report: ZeroDivisionError: a new version" in pages.data_drift
    assert DRAWN in pages.data_summary


def test_outcomes_of_0_or_below_have_no_errors_in_percent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    table = REGRESSION.claims(3_000, 1)
    bundle = bundle_of(table, REGRESSION.settings(), "boosting", tmp_path / "claims")

    def quality(week: pd.DataFrame) -> str:
        case = read_case(week, bundle, bundle.settings)
        return drill_down.write(case, findings.find(case)).quality

    week = REGRESSION.week(bundle)
    assert PERCENT in quality(week)
    below = quality(week.assign(outcome=week["outcome"].where(week.index != 7, -3.0)))
    assert PERCENT not in below
    assert "Left out because some outcomes are 0 or below: errors in percent." in below
    assert DRAWN in below
    assert "Mean Absolute Error" in below
