"""How much rows count when a model learns from them: by a column, or their chance to be seen."""

import numpy as np
import pandas as pd

from shared.errors import Refusal
from shared.settings import Settings


def row_weights(rows: pd.DataFrame, settings: Settings) -> np.ndarray | None:
    """Return the weights that the settings ask for, shape (rows,); None where rows count alike.

    With [action] a row without a propensity is one whose outcome is always seen. Raises `Refusal`
    for slates without propensities, and for weights that are all 0 or missing.
    """
    name = settings.weighed_by
    if name is None:
        return None
    known = pd.to_numeric(rows[name]) if name in rows else pd.Series(np.nan, index=rows.index)
    values = known.to_numpy("float64")
    if settings.train.weigh_by:
        return in_proportion(values, name)
    if settings.action:
        values = np.where(np.isnan(values), 1.0, values)
    return inverse_propensity(values, settings.train.clip)


def in_proportion(values: np.ndarray, name: str) -> np.ndarray:
    """Return weights in proportion to a column's values, whose mean is 1; shape (rows,).

    A row whose value is missing weighs as the mean. Raises `Refusal` where none is above 0.
    """
    if not np.nansum(values) > 0:
        raise Refusal(
            f"[train] weigh_by: of {len(values):,} rows none has more than 0 in {name!r}, so that "
            "a model would learn from nothing: mend the column, or leave weigh_by out"
        )
    return np.asarray(np.where(np.isnan(values), 1, values / np.nanmean(values)))


def inverse_propensity(propensity: np.ndarray, clip: float) -> np.ndarray:
    """Return weights in proportion to 1 over the propensity, whose mean is 1; shape (rows,).

    So rows count as if all items had been shown alike. None is more than `clip` times the mean of
    the unclipped ones, or a few rows would be all that a model sees (Strehl, Langford, Li, Kakade,
    Learning from logged implicit exploration data, 2010). A row whose propensity is missing weighs
    as the mean. Raises `Refusal` when all are missing, or one is no chance above 0.
    """
    known = ~np.isnan(propensity)
    if not known.any():
        raise Refusal(
            'weights = "inverse_propensity": no row has a propensity; learn from rows that were '
            "served with [explore], or leave the weights out"
        )
    if odd := propensity[known & ~((propensity > 0) & (propensity <= 1))].tolist():
        raise Refusal(f"a propensity of {odd[0]:g}: what was shown had a chance above 0, up to 1")
    inverse = 1 / np.where(known, propensity, 1)
    weights = np.where(known, inverse / inverse[known].mean(), 1)
    clipped = np.minimum(weights, clip)
    return np.asarray(clipped / clipped.mean())
