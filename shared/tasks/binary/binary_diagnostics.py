"""What an evaluation shows of probabilities: how they order rows, and how calibrated they are."""

import itertools
from typing import Any, Literal

import numpy as np

from shared.kept import Kept
from shared.tasks.binary import binary_metrics
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

    bins = binary_metrics.calibration(target, measured)
    return BinaryDiagnostics(
        positives=int(target.sum()),
        threshold=threshold,
        calibration=tuple(map(CalibrationBin.model_validate, bins)),
        confusion=confusion_matrix(target, measured >= threshold, labels=[0, 1]).tolist(),
        curves=_curves(target, measured),
    )


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

    chance = {"color": cards.QUIET, "lw": 0.8, "ls": ":"}
    made, (roc, recall, calibration, confusion) = cards.figure(11, 3.0, columns=4)
    roc.plot(*diagnostics.curves["roc"])
    roc.plot([0, 1], [0, 1], **chance)
    roc.set(title="ROC", xlabel="False positive rate", ylabel="True positive rate")
    recall.plot(*diagnostics.curves["precision_recall"])
    recall.axhline(diagnostics.positives / sum(map(sum, diagnostics.confusion)), **chance)
    recall.set(title="Precision and recall", xlabel="Recall", ylabel="Precision", ylim=(0, 1))
    predicted = [one.predicted for one in diagnostics.calibration]
    observed = [one.observed for one in diagnostics.calibration]
    calibration.plot(predicted, observed, marker="o", ms=4)
    top = 1.05 * max(*predicted, *observed, 0.1)
    calibration.plot([0, top], [0, top], **chance)
    calibration.set(title="Calibration", xlabel="Predicted", ylabel="Observed")
    _plot_confusion(confusion, diagnostics)
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
