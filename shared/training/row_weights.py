"""How much each row of a table counts when models learn from it."""

import numpy as np
import pandas as pd

from shared.policies.training_weights import inverse_propensity
from shared.settings import Settings


def row_weights(rows: pd.DataFrame, settings: Settings) -> np.ndarray | None:
    """Return the weights that the settings ask for, shape (rows,); None where rows count alike.

    Raises `Refusal` for rows without propensities.
    """
    if settings.train.weights == "none" or not settings.ranking:
        return None
    name = settings.ranking.propensity
    known = pd.to_numeric(rows[name]) if name in rows else pd.Series(np.nan, index=rows.index)
    return inverse_propensity(known.to_numpy("float64"), settings.train.clip)
