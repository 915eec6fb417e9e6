"""What an evaluation shows of classes: confusions, each class's quality, and calibration."""

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np

from shared.kept import Kept
from shared.schema.contract import listed
from shared.tasks.binary.binary_diagnostics import CalibrationBin, calibration
from shared.tasks.curves import finish_calibration, predicted_and_observed
from shared.tasks.multiclass import multiclass_metrics
from shared.tasks.task import Diagnostics

# More classes than this have colours alone in the confusion matrix, and no numbers.
MOST_NUMBERED = 10
MOST_LINES = 4
MOST_LABEL = 18
# Of more classes than these the largest are shown beside those of other models.
MOST_CLASSES = 20


class ClassQuality(Kept):
    """How well one class is answered; None is of what no row was there for.

    `support` are the rows of this class, `answered` those that were said to be. `calibration` is
    of the class's probability.
    """

    name: str
    precision: float | None
    recall: float | None
    f1: float | None
    support: int
    answered: int
    calibration: tuple[CalibrationBin, ...]


class MulticlassDiagnostics(Diagnostics):
    """How classes are confused, and how well calibrated their probabilities are.

    `confusion` counts rows by true class, then answered class, in the order of `classes`; rows of
    the `unknown` class are in none of them. `confidence` is the calibration of the probability of
    the answered class.
    """

    kind: Literal["multiclass"] = "multiclass"
    confusion: tuple[tuple[int, ...], ...]
    classes: tuple[ClassQuality, ...]
    confidence: tuple[CalibrationBin, ...]
    unknown: int = 0


def diagnose(
    target: np.ndarray, measured: np.ndarray, classes: tuple[str, ...]
) -> MulticlassDiagnostics:
    """Return the diagnostics of answers; `measured` is as in `multiclass_metrics.measure`."""
    truth, answered = target.astype("int64"), multiclass_metrics.decided(measured, len(classes))
    weights = np.ones((1, len(truth)))
    counts = multiclass_metrics.confusions(truth, answered, weights, len(classes))[0].astype(int)
    of_answered = measured[np.arange(len(truth)), answered]
    return MulticlassDiagnostics(
        confusion=tuple(tuple(row) for row in counts[:-1].tolist()),
        classes=tuple(
            _quality(name, code, counts, calibration(truth == code, measured[:, code]))
            for code, name in enumerate(classes)
        ),
        confidence=calibration(truth == answered, of_answered),
        unknown=int(counts[-1].sum()),
    )


def _quality(
    name: str, code: int, counts: np.ndarray, bins: tuple[CalibrationBin, ...]
) -> ClassQuality:
    right, support, answered = counts[code, code], counts[code].sum(), counts[:, code].sum()
    return ClassQuality(
        name=name,
        precision=_share(right, answered),
        recall=_share(right, support),
        f1=_share(2 * right, support + answered),
        support=int(support),
        answered=int(answered),
        calibration=bins,
    )


def _share(part: int, whole: int) -> float | None:
    return float(part / whole) if whole else None


def figure(diagnostics: MulticlassDiagnostics) -> Any:
    """Draw the confusion matrix, each class's precision and recall, and calibration."""
    from shared import cards

    count = len(diagnostics.classes)
    height = max(3.4 if count < 5 else 4.6, 1.4 + 0.17 * count)
    made, (confusion, quality, calibrations) = cards.figure(13, height, columns=3)
    _plot_confusion(confusion, diagnostics)
    _plot_quality(quality, diagnostics)
    _plot_calibration(calibrations, diagnostics)
    calibrations.set_box_aspect(1)
    return made


def _plot_confusion(axes: Any, diagnostics: MulticlassDiagnostics) -> None:
    """Colour each true class's row by the shares of the answers, and number it if there is room."""
    counts = np.array(diagnostics.confusion)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    few, names, at = len(counts) <= MOST_NUMBERED, _labels(diagnostics), range(len(counts))
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1.3, aspect="equal" if few else "auto")
    axes.set(title="Share of each true class", ylabel="Observed")
    axes.set_yticks(at, names, fontsize=8 if few else 6)
    if not few:
        axes.set_xticks([])
        axes.set_xlabel("Predicted (in the same order)")
        return
    size = 8 if len(counts) < 5 else 6
    for row, column in np.argwhere(counts):
        axes.text(column, row, f"{counts[row, column]:,}", ha="center", va="center", fontsize=size)
    axes.set_xticks(at, names, rotation=90 if len(counts) > 4 else 0, fontsize=8)
    axes.set_xlabel("Predicted")


def _plot_quality(axes: Any, diagnostics: MulticlassDiagnostics) -> None:
    """Draw bars of precision and recall, one pair for each class, with the class's rows."""
    classes, at = diagnostics.classes, np.arange(len(diagnostics.classes))
    for move, name in ((-0.2, "precision"), (0.2, "recall")):
        values = [getattr(one, name) or 0.0 for one in classes]
        axes.barh(at + move, values, height=0.38, label=name)
    size = 8 if len(classes) <= MOST_NUMBERED else 6
    labels = zip(_labels(diagnostics), classes, strict=True)
    axes.set_yticks(at, [f"{name} ({one.support:,})" for name, one in labels], fontsize=size)
    axes.set(title="By class", xlim=(0, 1), ylim=(len(classes) - 0.4, -0.6))
    axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2, borderaxespad=0, fontsize=8)


def _plot_calibration(axes: Any, diagnostics: MulticlassDiagnostics) -> None:
    """Draw the calibration of the answers' probabilities, and of the most frequent classes'."""
    from shared import cards

    largest = sorted(diagnostics.classes, key=lambda one: -one.support)[:MOST_LINES]
    lines = [("answered class", diagnostics.confidence, 2.0)]
    lines += [(label(one.name), one.calibration, 1.0) for one in largest]
    for name, bins, width in lines:
        axes.plot(*predicted_and_observed(bins), marker="o", ms=3, lw=width, label=name)
    axes.plot([0, 1], [0, 1], **cards.CHANCE_LINE)
    axes.set(title="Calibration", xlabel="Predicted", ylabel="Observed", xlim=(0, 1), ylim=(0, 1))
    axes.legend(fontsize=7)


def curves(named: Mapping[str, MulticlassDiagnostics]) -> Any:
    """Draw each class's F1, and the calibration of the answered class, of models by their names."""
    from shared import cards

    classes = _largest_classes(named)
    height = max(3.4, 1.4 + 0.2 * len(classes) * len(named) / 2)
    made, (quality, calibrations) = cards.figure(11, height, columns=2)
    bar = 0.8 / max(len(named), 1)
    for number, (name, one) in enumerate(named.items()):
        found = {each.name: each.f1 or 0.0 for each in one.classes}
        places = np.arange(len(classes)) - 0.4 + bar * (number + 0.5)
        quality.barh(places, [found.get(each, 0.0) for each in classes], bar, label=name)
        calibrations.plot(*predicted_and_observed(one.confidence), marker="o", ms=3)
    quality.set_yticks(range(len(classes)), [label(each) for each in classes], fontsize=8)
    quality.set(title="F1 by class", xlim=(0, 1), ylim=(len(classes) - 0.4, -0.6))
    finish_calibration(calibrations)
    calibrations.set_title("Calibration of the answered class")
    made.legend(*quality.get_legend_handles_labels(), loc="outside lower left", ncols=5, fontsize=8)
    return made


def _largest_classes(named: Mapping[str, MulticlassDiagnostics]) -> list[str]:
    support: dict[str, int] = {}
    for one in named.values():
        for each in one.classes:
            support[each.name] = max(support.get(each.name, 0), each.support)
    return sorted(support, key=lambda name: -support[name])[:MOST_CLASSES]


def _labels(diagnostics: MulticlassDiagnostics) -> list[str]:
    return [label(one.name) for one in diagnostics.classes]


def label(name: str) -> str:
    """Return a class's name as a picture has room for it."""
    half = MOST_LABEL // 2
    shown = name if len(name) <= MOST_LABEL else f"{name[:half]}…{name[-half + 1 :]}"
    # A dollar sign would begin a formula.
    return listed([shown]).replace("$", r"\$")
