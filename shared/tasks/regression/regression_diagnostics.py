"""What an evaluation shows of numbers: residuals, by prediction, over time, and all of them.

A residual is the target less the prediction.
"""

from typing import Literal

import numpy as np

from shared.kept import Kept
from shared.tasks.regression.regression_metrics import predictions
from shared.tasks.task import Diagnostics

BINS = 16
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
SIZE_LEVELS = tuple(round(level, 2) for level in np.linspace(0, 1, 51))
HISTOGRAM_BINS = 60
# Residuals over time have so many spans where each has as many rows.
SPANS, SPAN_ROWS = 30, 20
# The histogram shows all but so many of the residuals on either side.
TAIL = 0.005


class PredictionBin(Kept):
    """Some of the rows in the order of their predictions: means, and their residuals.

    `absolute` and `squared` are the means of what residuals are without their sign and in square,
    the two spreads the standard deviations; `residuals` are quantiles at `LEVELS`, and `covered` is
    the share of outcomes within their intervals.
    """

    rows: int
    predicted: float
    observed: float
    absolute: float
    absolute_spread: float
    squared: float
    squared_spread: float
    residuals: tuple[float, ...]
    covered: float | None = None


class ResidualSpan(Kept):
    """Rows next to each other in time, around a moment (seconds since 1970, UTC).

    `residuals` are quantiles at `LEVELS`.
    """

    at: float
    rows: int
    residuals: tuple[float, ...]


class RegressionDiagnostics(Diagnostics):
    """How predictions miss: by bins of them, by spans of time, and over all.

    `sizes` are the quantiles of absolute errors at `SIZE_LEVELS`; `histogram` counts residuals
    between its `edges`; `coverage` is what intervals are to hold, None where there are none.
    """

    kind: Literal["regression"] = "regression"
    mean: float
    median: float
    coverage: float | None = None
    bins: tuple[PredictionBin, ...] = ()
    sizes: tuple[float, ...]
    edges: tuple[float, ...]
    histogram: tuple[int, ...]
    spans: tuple[ResidualSpan, ...] = ()


def diagnose(
    target: np.ndarray,
    measured: np.ndarray,
    coverage: float | None,
    moments: np.ndarray | None = None,
) -> RegressionDiagnostics:
    """Return diagnostics of rows, of which there are some: shapes (rows,), (rows,) or (rows, 3).

    `moments` are when the rows were, in seconds since 1970; without them nothing is over time.
    """
    residual = target - predictions(measured)
    # A model that is to be refused all the same has nothing to show where it has no answer.
    known = np.isfinite(residual)
    target, measured, residual = target[known], measured[known], residual[known]
    edges = _histogram_edges(residual)
    order = np.argsort(predictions(measured), kind="stable")
    return RegressionDiagnostics(
        mean=float(target.mean()) if len(target) else np.nan,
        median=float(np.median(target)) if len(target) else np.nan,
        coverage=coverage,
        bins=tuple(_bin(target[at], measured[at]) for at in np.array_split(order, BINS) if len(at)),
        sizes=tuple(np.quantile(np.abs(residual), SIZE_LEVELS).tolist()) if len(residual) else (),
        edges=tuple(edges.tolist()),
        histogram=tuple(np.histogram(residual, edges)[0].tolist()),
        spans=() if moments is None else _spans(residual, moments[known]),
    )


def _spans(residual: np.ndarray, moments: np.ndarray) -> tuple[ResidualSpan, ...]:
    order = np.argsort(moments, kind="stable")
    order = order[: np.isfinite(moments).sum()]
    spans = max(1, min(SPANS, len(order) // SPAN_ROWS))
    return tuple(
        ResidualSpan(
            at=float(moments[at].mean()),
            rows=len(at),
            residuals=tuple(np.quantile(residual[at], LEVELS).tolist()),
        )
        for at in np.array_split(order, spans)
        if len(at)
    )


def _bin(target: np.ndarray, measured: np.ndarray) -> PredictionBin:
    prediction = predictions(measured)
    residual = target - prediction
    size, square = np.abs(residual), residual**2
    covered = None
    if measured.ndim == 2:
        covered = float(np.mean((measured[:, 1] <= target) & (target <= measured[:, 2])))
    return PredictionBin(
        rows=len(target),
        predicted=float(prediction.mean()),
        observed=float(target.mean()),
        absolute=float(size.mean()),
        absolute_spread=float(size.std()),
        squared=float(square.mean()),
        squared_spread=float(square.std()),
        residuals=tuple(np.quantile(residual, LEVELS).tolist()),
        covered=covered,
    )


def _histogram_edges(residual: np.ndarray) -> np.ndarray:
    low, high = np.quantile(residual, [TAIL, 1 - TAIL]) if len(residual) else (0.0, 0.0)
    reach = max(high - low, 1e-9 * max(1.0, abs(low)))
    return np.linspace(low, low + reach, HISTOGRAM_BINS + 1)
