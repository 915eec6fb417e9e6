"""The curves of several models in one picture: a line for each, by its name, for each kind."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from shared.tasks.binary.binary_diagnostics import BinaryDiagnostics
from shared.tasks.multiclass.multiclass_diagnostics import MulticlassDiagnostics, label
from shared.tasks.regression.regression_diagnostics import SIZE_LEVELS, RegressionDiagnostics

# Of more classes than these the largest are shown.
MOST_CLASSES = 20


def binary(named: Mapping[str, BinaryDiagnostics]) -> Any:
    """Draw the ROC, precision and recall, and calibration."""
    from shared import cards

    made, (roc, recall, calibration) = cards.figure(11, 3.4, columns=3)
    for name, one in named.items():
        roc.plot(*one.curves["roc"], label=name)
        recall.plot(*one.curves["precision_recall"])
        _plot_calibration(calibration, one.calibration)
    roc.plot([0, 1], [0, 1], **_chance())
    roc.set(title="ROC", xlabel="False positive rate", ylabel="True positive rate")
    recall.set(title="Precision and recall", xlabel="Recall", ylabel="Precision", ylim=(0, 1))
    _finish_calibration(calibration)
    roc.legend(loc="lower right", fontsize=8)
    return made


def regression(named: Mapping[str, RegressionDiagnostics]) -> Any:
    """Draw predictions beside outcomes, the residuals, and how far off how many rows are."""
    from shared import cards

    made, (observed, residuals, sizes) = cards.figure(11, 3.4, columns=3)
    for name, one in named.items():
        predicted = [each.predicted for each in one.bins]
        observed.plot(predicted, [each.observed for each in one.bins], marker="o", ms=3, label=name)
        residuals.stairs(np.array(one.histogram) / max(sum(one.histogram), 1), one.edges)
        shown = [at for at, level in enumerate(SIZE_LEVELS) if level < 1 and one.sizes]
        sizes.plot([100 * SIZE_LEVELS[at] for at in shown], [one.sizes[at] for at in shown])
    _diagonal(observed)
    observed.set(title="Predicted and observed", xlabel="Mean prediction", ylabel="Mean outcome")
    residuals.axvline(0, **_chance())
    residuals.set(title="Residuals", xlabel="Observed less predicted (99% of rows)")
    residuals.set_ylabel("Share of rows")
    sizes.set(title="Absolute errors", xlabel="Percent of rows at most this far off")
    sizes.set_ylabel("Error")
    observed.legend(fontsize=8)
    return made


def multiclass(named: Mapping[str, MulticlassDiagnostics]) -> Any:
    """Draw each class's F1, and the calibration of the answered class."""
    from shared import cards

    classes = _largest_classes(named)
    height = max(3.4, 1.4 + 0.2 * len(classes) * len(named) / 2)
    made, (quality, calibration) = cards.figure(11, height, columns=2)
    bar = 0.8 / max(len(named), 1)
    for number, (name, one) in enumerate(named.items()):
        found = {each.name: each.f1 or 0.0 for each in one.classes}
        places = np.arange(len(classes)) - 0.4 + bar * (number + 0.5)
        quality.barh(places, [found.get(each, 0.0) for each in classes], bar, label=name)
        _plot_calibration(calibration, one.confidence)
    quality.set_yticks(range(len(classes)), [label(each) for each in classes], fontsize=8)
    quality.set(title="F1 by class", xlim=(0, 1), ylim=(len(classes) - 0.4, -0.6))
    _finish_calibration(calibration)
    calibration.set_title("Calibration of the answered class")
    made.legend(*quality.get_legend_handles_labels(), loc="outside lower left", ncols=5, fontsize=8)
    return made


def _largest_classes(named: Mapping[str, MulticlassDiagnostics]) -> list[str]:
    support: dict[str, int] = {}
    for one in named.values():
        for each in one.classes:
            support[each.name] = max(support.get(each.name, 0), each.support)
    return sorted(support, key=lambda name: -support[name])[:MOST_CLASSES]


def _plot_calibration(axes: Any, bins: Any) -> None:
    predicted, observed = [one.predicted for one in bins], [one.observed for one in bins]
    axes.plot(predicted, observed, marker="o", ms=3)


def _finish_calibration(axes: Any) -> None:
    _diagonal(axes)
    axes.set(title="Calibration", xlabel="Predicted", ylabel="Observed")


def _diagonal(axes: Any) -> None:
    """Plot where both are the same, as far as the lines that are there reach."""
    ends = [*axes.dataLim.intervalx, *axes.dataLim.intervaly]
    if np.all(np.isfinite(ends)):
        axes.plot([min(ends), max(ends)], [min(ends), max(ends)], **_chance())


def _chance() -> dict[str, Any]:
    from shared import cards

    return {"color": cards.QUIET, "lw": 0.8, "ls": ":"}
