"""Diagnostics of numbers: every row in one bin, and pictures of what they hold."""

import numpy as np
import pytest
from pydantic import TypeAdapter

from shared.tasks.choice import AnyDiagnostics
from shared.tasks.regression_diagnostics import BINS, RegressionDiagnostics, diagnose, figure


def sampled(rows: int = 1_003, intervals: bool = True) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    prediction = rng.normal(50, 20, rows)
    target = prediction + rng.normal(2, 5, rows)
    ends = [prediction, prediction - 7, prediction + 11]
    return target, np.stack(ends, axis=1) if intervals else prediction


def test_bins_hold_all_rows_once_in_the_order_of_their_predictions() -> None:
    target, measured = sampled()
    found = diagnose(target, measured, 0.9)
    assert len(found.bins) == BINS
    assert sum(found.histogram) in range(990, 1_003)
    assert sum(one.rows for one in found.bins) == 1_003
    assert [b.predicted for b in found.bins] == sorted(b.predicted for b in found.bins)
    rows = np.array([one.rows for one in found.bins])
    sizes = np.array([one.absolute for one in found.bins])
    assert np.average(sizes, weights=rows) == pytest.approx(
        np.mean(np.abs(target - measured[:, 0]))
    )
    inside = np.average([one.covered for one in found.bins], weights=rows)
    assert inside == pytest.approx(np.mean(np.abs(target - measured[:, 0] - 2) <= 9))


def test_diagnostics_are_read_back_as_they_were_kept() -> None:
    for intervals in (True, False):
        found = diagnose(*sampled(intervals=intervals), 0.9 if intervals else None)
        assert TypeAdapter(AnyDiagnostics).validate_python(found.plain()) == found


@pytest.mark.parametrize("intervals", [True, False])
@pytest.mark.parametrize("rows", [1_000, 3, 1])
def test_any_number_of_rows_can_be_drawn(rows: int, intervals: bool) -> None:
    drawn = figure(diagnose(*sampled(rows, intervals), 0.9 if intervals else None))
    last = "Interval coverage" if intervals else "Absolute errors"
    titles = ["Predicted and observed", "Residuals by prediction", "Residuals", last]
    assert [axes.get_title(loc="left") for axes in drawn.axes] == titles
    drawn.canvas.draw()


def test_errors_that_are_all_zero_and_answers_that_are_missing_can_be_drawn() -> None:
    target = np.full(30, 1e9)
    figure(diagnose(target, target, None)).canvas.draw()
    nothing = diagnose(target, np.full(30, np.nan), None)
    assert isinstance(nothing, RegressionDiagnostics)
    assert nothing.bins == ()
    figure(nothing).canvas.draw()
