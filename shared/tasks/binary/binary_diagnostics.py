"""What an evaluation shows of probabilities: how they order rows, and how calibrated they are."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

from shared.kept import Kept
from shared.tasks.binary import binary_metrics
from shared.tasks.curves import finish_calibration, predicted_and_observed
from shared.tasks.task import Diagnostics

CURVE_POINTS = 200
Points = tuple[list[float], list[float]]


class CalibrationBin(Kept):
    """Some of the rows in the order of their probability: its mean, and the share of positives."""

    predicted: float
    observed: float
    rows: int


class BinaryDiagnostics(Diagnostics):
    """How probabilities order rows, and how well calibrated they are; of the rows so many are true.

    `confusion` counts rows by outcome, then prediction at the `threshold`; `curves` holds the
    points (x, y) of `roc` and `precision_recall`.
    """

    kind: Literal["binary"] = "binary"
    positives: int
    threshold: float
    calibration: tuple[CalibrationBin, ...] = ()
    confusion: tuple[tuple[int, int], tuple[int, int]]
    curves: dict[str, Points]


def diagnose(target: np.ndarray, measured: np.ndarray, threshold: float) -> BinaryDiagnostics:
    """Return calibration, confusion at a threshold, and curves; `measured` are probabilities."""
    from sklearn.metrics import confusion_matrix

    return BinaryDiagnostics(
        positives=int(target.sum()),
        threshold=threshold,
        calibration=calibration(target, measured),
        confusion=confusion_matrix(target, measured >= threshold, labels=[0, 1]).tolist(),
        curves=_curves(target, measured),
    )


def calibration(target: np.ndarray, probability: np.ndarray) -> tuple[CalibrationBin, ...]:
    """Return bins of equally many rows, in the order of their probabilities."""
    order = np.argsort(probability, kind="stable")
    return tuple(
        CalibrationBin(
            predicted=float(np.mean(probability[part])),
            observed=float(np.mean(target[part])),
            rows=len(part),
        )
        for part in np.array_split(order, binary_metrics.BINS)
        if len(part)
    )


def calibrated(probability: np.ndarray, bins: Sequence[CalibrationBin]) -> np.ndarray:
    """Return how often what has such a probability came true, by a calibration's bins."""
    predicted, observed = predicted_and_observed(bins)
    return np.interp(probability, [0.0, *predicted, 1.0], [0.0, *observed, 1.0])


def _curves(target: np.ndarray, probability: np.ndarray) -> dict[str, Points]:
    from sklearn.metrics import precision_recall_curve, roc_curve

    fall_out, recall, _ = roc_curve(target, probability)
    precision, sensitivity, _ = precision_recall_curve(target, probability)
    return {
        "roc": _thinned(fall_out, recall),
        "precision_recall": _thinned(sensitivity[::-1], precision[::-1]),
    }


def _thinned(x: np.ndarray, y: np.ndarray) -> Points:
    at = np.unique(np.linspace(0, len(x) - 1, CURVE_POINTS).astype(int))
    return x[at].tolist(), y[at].tolist()


def figure(diagnostics: BinaryDiagnostics) -> Any:
    """Draw the curves, the calibration and the confusion matrix."""
    from shared import cards

    chance = cards.CHANCE_LINE
    made, (roc, recall, calibrations, confusion) = cards.figure(11, 3.0, columns=4)
    roc.plot(*diagnostics.curves["roc"])
    roc.plot([0, 1], [0, 1], **chance)
    roc.set(title="ROC", xlabel="False positive rate", ylabel="True positive rate")
    recall.plot(*diagnostics.curves["precision_recall"])
    recall.axhline(diagnostics.positives / sum(map(sum, diagnostics.confusion)), **chance)
    recall.set(title="Precision and recall", xlabel="Recall", ylabel="Precision", ylim=(0, 1))
    predicted, observed = predicted_and_observed(diagnostics.calibration)
    calibrations.plot(predicted, observed, marker="o", ms=4)
    top = 1.05 * max(*predicted, *observed, 0.1)
    calibrations.plot([0, top], [0, top], **chance)
    calibrations.set(title="Calibration", xlabel="Predicted", ylabel="Observed")
    _plot_confusion(confusion, diagnostics)
    return made


def curves(named: Mapping[str, BinaryDiagnostics]) -> Any:
    """Draw the ROC, precision and recall, and calibration of several models by their names."""
    from shared import cards

    made, (roc, recall, calibrations) = cards.figure(11, 3.4, columns=3)
    for name, one in named.items():
        roc.plot(*one.curves["roc"], label=name)
        recall.plot(*one.curves["precision_recall"])
        calibrations.plot(*predicted_and_observed(one.calibration), marker="o", ms=3)
    roc.plot([0, 1], [0, 1], **cards.CHANCE_LINE)
    roc.set(title="ROC", xlabel="False positive rate", ylabel="True positive rate")
    recall.set(title="Precision and recall", xlabel="Recall", ylabel="Precision", ylim=(0, 1))
    finish_calibration(calibrations)
    roc.legend(loc="lower right", fontsize=8)
    return made


def _plot_confusion(axes: Any, diagnostics: BinaryDiagnostics) -> None:
    counts = diagnostics.confusion
    axes.imshow(counts, cmap="Blues", vmax=1.3 * max(map(max, counts)))
    for row, column in itertools.product((0, 1), (0, 1)):
        axes.text(column, row, f"{counts[row][column]:,}", ha="center", va="center")
    axes.set_xticks([0, 1], ["false", "true"])
    axes.set_yticks([0, 1], ["false", "true"])
    title = f"At threshold {diagnostics.threshold:.2f}"
    axes.set(title=title, xlabel="Predicted", ylabel="Observed")
