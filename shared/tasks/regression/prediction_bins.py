"""Bins of predictions that a history fills evenly, and the scale of its residuals."""

import numpy as np
import pyarrow as pa

from shared.log_columns import PREDICTION
from shared.schema import arrow
from shared.tasks.answer_plan import AnswerPlan

# Between so many bins of predictions, evenly filled but for the two tails.
INNER_BINS, TAIL = 14, 0.01


def plan_answers(table: pa.Table, target: str, coverage: float | None) -> AnswerPlan:
    """Return bins that a history's predictions fill evenly, and the scale of its residuals.

    A table without predictions has one bin.
    """
    plan = AnswerPlan(kind="regression", coverage=coverage)
    prediction = numbers(table, PREDICTION)
    known, sizes = prediction[np.isfinite(prediction)], numbers(table, target) - prediction
    if not len(known):
        return plan
    sizes = np.abs(sizes[np.isfinite(sizes)])
    scales = (sizes.mean() if len(sizes) else 0.0, known.std(), 1.0)
    inner = np.linspace(0, 1, INNER_BINS + 1)[1:-1]
    edges = np.unique(np.quantile(known, [TAIL, *inner, 1 - TAIL]))
    bins = np.searchsorted(edges, known, side="right")
    # A bin that is empty in history has the nearest edge for its middle.
    parts = [known[bins == place] for place in range(len(edges) + 1)]
    middles = np.append(edges, edges[-1])
    centres = [part.mean() if len(part) else at for part, at in zip(parts, middles, strict=True)]
    return plan.model_copy(
        update={
            "edges": tuple(edges.tolist()),
            "centres": tuple(map(float, centres)),
            "deviations": tuple(float(part.std()) if len(part) else 0.0 for part in parts),
            "scale": float(next(scale for scale in scales if scale > 0)),
        }
    )


def numbers(table: pa.Table, name: str) -> np.ndarray:
    """Return a column of numbers, NaN where the table has none."""
    if name not in table.column_names:
        return np.full(table.num_rows, np.nan)
    return arrow.numbers(table[name])[0]
