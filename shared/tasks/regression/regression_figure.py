"""The picture of what an evaluation shows of predictions that are numbers."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from shared.tasks.regression.regression_diagnostics import SIZE_LEVELS, RegressionDiagnostics


def figure(diagnostics: RegressionDiagnostics) -> Any:
    """Draw predictions beside outcomes, residuals in three ways, and how far off or how wide."""
    from shared import cards

    made, axes = cards.figure(15, 3.2, columns=5)
    chance = {"color": cards.QUIET, "lw": 0.8, "ls": ":"}
    _plot_observed(axes[0], diagnostics, chance)
    _plot_residuals(axes[1], diagnostics, chance)
    _plot_over_time(axes[2], diagnostics, chance)
    widths = np.diff(diagnostics.edges)
    axes[3].bar(diagnostics.edges[:-1], diagnostics.histogram, widths, align="edge")
    axes[3].axvline(0, **chance)
    axes[3].set(title="Residuals", xlabel="Observed less predicted (99% of rows)", ylabel="Rows")
    if diagnostics.coverage is None:
        _plot_sizes(axes[4], diagnostics, chance)
    else:
        _plot_coverage(axes[4], diagnostics, diagnostics.coverage, chance)
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
    predicted = [one.predicted for one in diagnostics.bins]
    _plot_levels(axes, predicted, [one.residuals for one in diagnostics.bins])
    if predicted:
        axes.legend(fontsize=7)
    axes.axhline(0, **chance)
    axes.set(title="Residuals by prediction", xlabel="Mean prediction", ylabel="Residual")


def _plot_over_time(axes: Any, diagnostics: RegressionDiagnostics, chance: dict[str, Any]) -> None:
    from shared import cards

    moments = [datetime.fromtimestamp(one.at, UTC) for one in diagnostics.spans]
    _plot_levels(axes, moments, [one.residuals for one in diagnostics.spans])
    if moments:
        cards.time_axis(axes)
    axes.axhline(0, **chance)
    axes.set(title="Residuals over time", xlabel="Time (UTC)", ylabel="Residual")


def _plot_levels(axes: Any, places: Sequence[Any], residuals: Sequence[tuple[float, ...]]) -> None:
    """Plot the quantiles of residuals at `LEVELS`, place by place."""
    from shared import cards

    if not places:
        return
    widest, quarter, median, upper, most = zip(*residuals, strict=True)
    shade = {"color": cards.ACCENT, "lw": 0}
    axes.fill_between(places, widest, most, alpha=0.12, label="90% of rows", **shade)
    axes.fill_between(places, quarter, upper, alpha=0.3, label="50% of rows", **shade)
    axes.plot(places, median, label="median")


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
