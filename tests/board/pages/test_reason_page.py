"""The rows of a reason: those that were kept of it, or why there are none."""

import html
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from shared.board.pages import reason_page
from shared.board.pages.measured_windows import Measured
from shared.lineage import run_artifacts, run_history
from tests.board.runs import client
from tests.runs.runs import record
from tests.runs.test_stations import judged

REASON = {
    "level": "act",
    "stage": "inputs",
    "what": "age is ten times what it was",
    "column": "age",
    "number": 0.5,
    "threshold": 0.02,
    "unit": "of rows",
    "next_step": "Ask whoever feeds age.",
}
RUN = replace(
    record("MonitorFlow/7", verdict=judged("act") | {"reasons": [REASON, REASON]}), final=True
)


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the run have kept three rows of its first reason, and none of its second."""
    rows = pd.DataFrame(
        {
            "reason": [1, 1, 1],
            "column": ["age"] * 3,
            "key": ["L&1", "L2", None],
            "value": ["4.8888888888888875", "1_200", None],
            "time": ["2024-06-01T10:00:00+00:00"] * 2 + [None],
        }
    )
    monkeypatch.setattr(run_history, "run_named", lambda name: name)
    monkeypatch.setattr(run_artifacts, "kept_of", lambda *asked: {"reason_rows": rows})


@pytest.mark.usefixtures("kept")
def test_rows_are_those_of_the_reason_the_best_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reason_page, "MOST", 2)
    page = reason_page.read(RUN, 1)
    at = "2024-06-01T10:00:00+00:00"
    assert page.rows == (("L&1", pytest.approx(4.8889, abs=1e-4), at), ("L2", "1_200", at))
    assert (page.found, page.reason.subject, page.column) == (3, "age", "age")
    text = client(RUN).get("/runs/MonitorFlow/7/reasons/1").text
    assert "The 2 of 3 rows that show it best" in text
    assert 'href="/lookup?problem=loans&amp;id=L%261"' in text
    assert "</span> age</span> is ten times what it was: 50% of rows, threshold 2%" in text


@pytest.mark.usefixtures("kept")
def test_a_reason_that_shows_in_no_row_says_so() -> None:
    text = client(RUN).get("/runs/MonitorFlow/7/reasons/2").text
    assert "No row shows it by itself" in text
    assert '/reasons/1">1: age</a>' in text
    assert '/reasons/2" aria-current="true">2: age</a>' in text


@pytest.mark.parametrize("number", [0, 3, -1])
def test_a_reason_that_is_not_there_is_named(number: int) -> None:
    answer = client(RUN).get(f"/runs/MonitorFlow/7/reasons/{number}")
    assert answer.status_code == 404
    assert f"MonitorFlow/7 has no reason {number}." in html.unescape(answer.text)


def test_a_run_that_kept_no_rows_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_history, "run_named", lambda name: None)
    answer = client(RUN).get("/runs/MonitorFlow/7/reasons/1")
    assert answer.status_code == 404
    assert "MonitorFlow/7 has kept no rows of its reasons." in answer.text


@pytest.mark.usefixtures("kept")
def test_a_reasons_number_is_drawn_over_the_windows_until_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What was measured counts where it was no reason; what came later does not."""
    monkeypatch.chdir(tmp_path)
    drawn = []
    monkeypatch.setattr(
        reason_page.pictures, "beside_threshold", lambda found, unit: drawn.append((found, unit))
    )
    monkeypatch.setattr(reason_page.pictures, "source", lambda figure: "data:,")
    reason = REASON | {"check": "shift"}
    quiet, own, later = (
        replace(
            record(
                f"MonitorFlow/{run}",
                verdict=judged(level) | {"reasons": reasons, "until": f"2024-06-{day}T00:00:00Z"},
            ),
            final=True,
        )
        for run, level, day, reasons in (
            (6, "ok", 10, []),
            (7, "act", 17, [reason]),
            (8, "act", 24, [reason]),
        )
    )
    checks = {"age": {"shift": [0.01, 0.02]}}
    monkeypatch.setattr(
        reason_page, "measured", lambda one: Measured({}, {}, checks if one is quiet else {})
    )
    page = reason_page.read(own, 1, [later, own, quiet])
    assert page.picture
    ((found, unit),) = drawn
    assert ([ends for _, ends in found], unit) == ([[0.01, 0.02], [0.5, 0.02]], "of rows")
    assert reason_page.read(own, 1, [own]).picture is None
    # However many windows have been judged since.
    monkeypatch.setattr(reason_page.problem_states, "MOST_WINDOWS", 2)
    assert reason_page.read(own, 1, [later, own, quiet]).picture
