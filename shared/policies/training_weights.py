"""How much rows count when a model learns from them, by the chance that they had to be seen."""

import numpy as np
import pandas as pd

from shared.errors import Refusal
from shared.settings import Settings


def row_weights(rows: pd.DataFrame, settings: Settings) -> np.ndarray | None:
    """Return the weights that the settings ask for, shape (rows,); None where rows count alike.

    With [action] a row without a propensity is one whose outcome is always seen. Raises `Refusal`
    for slates without propensities.
    """
    name = settings.propensity
    if name is None or not is_weighed(settings):
        return None
    known = pd.to_numeric(rows[name]) if name in rows else pd.Series(np.nan, index=rows.index)
    propensity = known.to_numpy("float64")
    if settings.action:
        propensity = np.where(np.isnan(propensity), 1.0, propensity)
    return inverse_propensity(propensity, settings.train.clip)


def is_weighed(settings: Settings) -> bool:
    """Tell whether the settings ask for weights of rows."""
    return settings.train.weights != "none" and settings.propensity is not None


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
