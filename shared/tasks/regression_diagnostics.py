"""What an evaluation shows of predictions that are numbers: residuals, all and by prediction.

A residual is the target less the prediction.
"""

from typing import Any, Literal

import numpy as np

from shared.kept import Kept
from shared.tasks.regression_metrics import predictions
from shared.tasks.task import Diagnostics

BINS = 16
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
SIZE_LEVELS = tuple(round(level, 2) for level in np.linspace(0, 1, 51))
HISTOGRAM_BINS = 60
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


class RegressionDiagnostics(Diagnostics):
    """How predictions miss: by bins of them, and over all.

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


def diagnose(
    target: np.ndarray, measured: np.ndarray, coverage: float | None
) -> RegressionDiagnostics:
    """Return diagnostics of rows, of which there are some: shapes (rows,), (rows,) or (rows, 3)."""
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


def figure(diagnostics: RegressionDiagnostics) -> Any:
    """Draw predictions beside outcomes, residuals by prediction and over all, and how far off."""
    from shared import cards

    made, axes = cards.figure(13, 3.2, columns=4)
    chance = {"color": cards.QUIET, "lw": 0.8, "ls": ":"}
    _plot_observed(axes[0], diagnostics, chance)
    _plot_residuals(axes[1], diagnostics, chance)
    widths = np.diff(diagnostics.edges)
    axes[2].bar(diagnostics.edges[:-1], diagnostics.histogram, widths, align="edge")
    axes[2].axvline(0, **chance)
    axes[2].set(title="Residuals", xlabel="Observed less predicted (99% of rows)", ylabel="Rows")
    if diagnostics.coverage is None:
        _plot_sizes(axes[3], diagnostics, chance)
    else:
        _plot_coverage(axes[3], diagnostics, diagnostics.coverage, chance)
    return made


def _plot_observed(axes: Any, diagnostics: RegressionDiagnostics, chance: dict[str, Any]) -> None:
    predicted = [one.predicted for one in diagnostics.bins]
    observed = [one.observed for one in diagnostics.bins]
    axes.plot(predicted, observed, marker="o", ms=4)
    if predicted:
        ends = [min(*predicted, *observed), max(*predicted, *observed)]
        axes.plot(ends, ends, **chance)
    axes.set(title="Predicted and observed", xlabel="Mean prediction", ylabel="Mean outcome")


def _plot_residuals(axes: Any, diagnostics: RegressionDiagnostics, chance: dict[str, Any]) -> None:
    from shared import cards

    predicted = [one.predicted for one in diagnostics.bins]
    levels = list(zip(*(one.residuals for one in diagnostics.bins), strict=True))
    if levels:
        widest, quarter, median, upper, most = levels
        shade = {"color": cards.ACCENT, "lw": 0}
        axes.fill_between(predicted, widest, most, alpha=0.12, label="90% of rows", **shade)
        axes.fill_between(predicted, quarter, upper, alpha=0.3, label="50% of rows", **shade)
        axes.plot(predicted, median, label="median")
        axes.legend(fontsize=7)
    axes.axhline(0, **chance)
    axes.set(title="Residuals by prediction", xlabel="Mean prediction", ylabel="Residual")


def _plot_sizes(axes: Any, diagnostics: RegressionDiagnostics, chance: dict[str, Any]) -> None:
    shown = [at for at, level in enumerate(SIZE_LEVELS) if level < 1 and diagnostics.sizes]
    axes.plot([100 * SIZE_LEVELS[at] for at in shown], [diagnostics.sizes[at] for at in shown])
    axes.axvline(50, **chance)
    axes.set(title="Absolute errors", xlabel="Percent of rows at most this far off", ylabel="Error")


def _plot_coverage(
    axes: Any, diagnostics: RegressionDiagnostics, coverage: float, chance: dict[str, Any]
) -> None:
    held = [(one.predicted, one.covered) for one in diagnostics.bins if one.covered is not None]
    axes.plot([x for x, _ in held], [y for _, y in held], marker="o", ms=4)
    axes.axhline(coverage, **chance)
    low = min([y for _, y in held] + [coverage])
    axes.set(title="Interval coverage", xlabel="Mean prediction", ylabel="Share within")
    axes.set_ylim(max(0.0, low - 0.1), 1.02)
