"""Diagnostics of numbers: every row in one bin, and in one span of time."""

import numpy as np
import pytest
from pydantic import TypeAdapter

from shared.tasks.choice import AnyDiagnostics
from shared.tasks.regression.regression_diagnostics import BINS, LEVELS, SPANS, diagnose


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


def test_spans_of_time_hold_all_rows_once_in_order() -> None:
    target, measured = sampled()
    moments = np.random.default_rng(1).permutation(1_003) * 3_600.0
    # The model gets worse by one on each day.
    drifting = target + moments / 86_400
    found = diagnose(drifting, measured, 0.9, moments).spans
    assert len(found) == SPANS
    assert sum(one.rows for one in found) == 1_003
    assert [one.at for one in found] == sorted(one.at for one in found)
    first = moments < 34 * 3_600
    assert found[0].rows == 34
    residual = (drifting - measured[:, 0])[first]
    assert found[0].residuals == pytest.approx(np.quantile(residual, LEVELS))
    assert found[-1].residuals[2] - found[0].residuals[2] == pytest.approx(40, abs=4)


def test_few_rows_have_one_span_and_rows_without_a_time_none() -> None:
    target, measured = sampled(30)
    assert [one.rows for one in diagnose(target, measured, None, np.arange(30.0)).spans] == [30]
    assert diagnose(target, measured, None).spans == ()
    unknown = np.where(np.arange(30) < 5, np.nan, np.arange(30.0))
    assert [one.rows for one in diagnose(target, measured, None, unknown).spans] == [25]
    assert diagnose(target, measured, None, np.full(30, np.nan)).spans == ()
