"""How good probabilities are: metrics of a binary target, each with a bootstrap interval.

All metrics are computed for many weightings of the same rows at once, so that a thousand bootstrap
resamples cost one sort and a few matrix products.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from shared.settings import METRICS, Metric

RESAMPLES = 200
CONFIDENCE = 0.95
_CLIP = float(np.finfo("float64").eps)
# Weights of so many rows are held at once: 200 resamples x 20,000 rows x 8 bytes = 32 MB.
_ROWS_AT_ONCE = 4_000_000


@dataclass(frozen=True)
class Score:
    """A metric's value on some rows, with the ends of its bootstrap interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.4f} [{self.low:.4f}, {self.high:.4f}]"
