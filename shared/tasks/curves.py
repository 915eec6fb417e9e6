"""What curves of more than one kind are drawn with: predictions beside what was observed."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np


class RowBin(Protocol):
    """Some rows with predictions alike: what was predicted on average, and what was observed."""

    @property
    def predicted(self) -> float:
        """The mean prediction."""

    @property
    def observed(self) -> float:
        """The mean outcome."""


def predicted_and_observed(bins: Sequence[RowBin]) -> tuple[list[float], list[float]]:
    """Return what bins predicted, and what was observed in them."""
    return [one.predicted for one in bins], [one.observed for one in bins]


def finish_calibration(axes: Any) -> None:
    """Name the axes of a calibration, and plot where it is exact."""
    plot_diagonal(axes)
    axes.set(title="Calibration", xlabel="Predicted", ylabel="Observed")


def plot_diagonal(axes: Any) -> None:
    """Plot where both are the same, as far as the lines that are there reach."""
    from shared import cards

    ends = [*axes.dataLim.intervalx, *axes.dataLim.intervaly]
    if np.all(np.isfinite(ends)):
        axes.plot([min(ends), max(ends)], [min(ends), max(ends)], **cards.CHANCE_LINE)
