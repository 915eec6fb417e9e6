"""Pictures of numbers: whatever an evaluation has found can be drawn."""

import numpy as np
import pytest

from shared.tasks.regression.regression_diagnostics import RegressionDiagnostics, diagnose
from shared.tasks.regression.regression_figure import figure
from tests.tasks.regression.test_regression_diagnostics import sampled


@pytest.mark.parametrize("intervals", [True, False])
@pytest.mark.parametrize("rows", [1_000, 3, 1])
def test_any_number_of_rows_can_be_drawn(rows: int, intervals: bool) -> None:
    moments = 1_700_000_000 + 3_600.0 * np.arange(rows)
    drawn = figure(diagnose(*sampled(rows, intervals), 0.9 if intervals else None, moments))
    last = "Interval coverage" if intervals else "Absolute errors"
    by = ["Residuals by prediction", "Residuals over time"]
    titles = ["Predicted and observed", *by, "Residuals", last]
    assert [axes.get_title(loc="left") for axes in drawn.axes] == titles
    drawn.canvas.draw()


def test_errors_that_are_all_zero_and_answers_that_are_missing_can_be_drawn() -> None:
    target = np.full(30, 1e9)
    figure(diagnose(target, target, None)).canvas.draw()
    nothing = diagnose(target, np.full(30, np.nan), None)
    assert isinstance(nothing, RegressionDiagnostics)
    assert nothing.bins == ()
    figure(nothing).canvas.draw()
