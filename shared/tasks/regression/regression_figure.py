"""The picture of what an evaluation shows of predictions that are numbers."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from shared import cards
from shared.tasks.curves import plot_diagonal, predicted_and_observed
from shared.tasks.regression.regression_diagnostics import SIZE_LEVELS, RegressionDiagnostics


def figure(diagnostics: RegressionDiagnostics) -> Any:
    """Draw predictions beside outcomes, residuals in three ways, and how far off or how wide."""
    made, axes = cards.figure(15, 3.2, columns=5)
    _plot_observed(axes[0], diagnostics)
    _plot_residuals(axes[1], diagnostics)
    _plot_over_time(axes[2], diagnostics)
    widths = np.diff(diagnostics.edges)
    axes[3].bar(diagnostics.edges[:-1], diagnostics.histogram, widths, align="edge")
    axes[3].axvline(0, **cards.CHANCE_LINE)
    axes[3].set(title="Residuals", xlabel="Observed less predicted (99% of rows)", ylabel="Rows")
    if diagnostics.coverage is None:
        _plot_sizes(axes[4], diagnostics)
        axes[4].axvline(50, **cards.CHANCE_LINE)
    else:
        _plot_coverage(axes[4], diagnostics, diagnostics.coverage)
    return made


def curves(named: Mapping[str, RegressionDiagnostics]) -> Any:
    """Draw predictions beside outcomes, residuals, and errors of several models by their names."""
    made, (observed, residuals, sizes) = cards.figure(11, 3.4, columns=3)
    for name, one in named.items():
        observed.plot(*predicted_and_observed(one.bins), marker="o", ms=3, label=name)
        residuals.stairs(np.array(one.histogram) / max(sum(one.histogram), 1), one.edges)
        _plot_sizes(sizes, one)
    plot_diagonal(observed)
    observed.set(title="Predicted and observed", xlabel="Mean prediction", ylabel="Mean outcome")
    residuals.axvline(0, **cards.CHANCE_LINE)
    residuals.set(title="Residuals", xlabel="Observed less predicted (99% of rows)")
    residuals.set_ylabel("Share of rows")
    observed.legend(fontsize=8)
    return made


def _plot_observed(axes: Any, diagnostics: RegressionDiagnostics) -> None:
    predicted, observed = predicted_and_observed(diagnostics.bins)
    axes.plot(predicted, observed, marker="o", ms=4)
    if predicted:
        ends = [min(*predicted, *observed), max(*predicted, *observed)]
        axes.plot(ends, ends, **cards.CHANCE_LINE)
    axes.set(title="Predicted and observed", xlabel="Mean prediction", ylabel="Mean outcome")


def _plot_residuals(axes: Any, diagnostics: RegressionDiagnostics) -> None:
    predicted = [one.predicted for one in diagnostics.bins]
    _plot_levels(axes, predicted, [one.residuals for one in diagnostics.bins])
    if predicted:
        axes.legend(fontsize=7)
    axes.axhline(0, **cards.CHANCE_LINE)
    axes.set(title="Residuals by prediction", xlabel="Mean prediction", ylabel="Residual")


def _plot_over_time(axes: Any, diagnostics: RegressionDiagnostics) -> None:
    moments = [datetime.fromtimestamp(one.at, UTC) for one in diagnostics.spans]
    _plot_levels(axes, moments, [one.residuals for one in diagnostics.spans])
    if moments:
        cards.time_axis(axes)
    axes.axhline(0, **cards.CHANCE_LINE)
    axes.set(title="Residuals over time", xlabel="Time (UTC)", ylabel="Residual")


def _plot_levels(axes: Any, places: Sequence[Any], residuals: Sequence[tuple[float, ...]]) -> None:
    """Plot the quantiles of residuals at `LEVELS`, place by place."""
    if not places:
        return
    widest, quarter, median, upper, most = zip(*residuals, strict=True)
    shade = {"color": cards.ACCENT, "lw": 0}
    axes.fill_between(places, widest, most, alpha=0.12, label="90% of rows", **shade)
    axes.fill_between(places, quarter, upper, alpha=0.3, label="50% of rows", **shade)
    axes.plot(places, median, label="median")


def _plot_sizes(axes: Any, diagnostics: RegressionDiagnostics) -> None:
    shown = [at for at, level in enumerate(SIZE_LEVELS) if level < 1 and diagnostics.sizes]
    axes.plot([100 * SIZE_LEVELS[at] for at in shown], [diagnostics.sizes[at] for at in shown])
    axes.set(title="Absolute errors", xlabel="Percent of rows at most this far off", ylabel="Error")


def _plot_coverage(axes: Any, diagnostics: RegressionDiagnostics, coverage: float) -> None:
    held = [(one.predicted, one.covered) for one in diagnostics.bins if one.covered is not None]
    axes.plot([x for x, _ in held], [y for _, y in held], marker="o", ms=4)
    axes.axhline(coverage, **cards.CHANCE_LINE)
    low = min([y for _, y in held] + [coverage])
    axes.set(title="Interval coverage", xlabel="Mean prediction", ylabel="Share within")
    axes.set_ylim(max(0.0, low - 0.1), 1.02)
