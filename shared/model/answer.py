"""What a model answers: the probability of the target being true, and the prediction made of it."""

from typing import Any

import numpy as np
import pandas as pd


def true_probabilities(model: Any, inputs: pd.DataFrame | np.ndarray) -> np.ndarray:
    """Return the probability of the target being true: shape (rows,), float64.

    `inputs` are rows as `shared.model.inputs` makes them, or as a pipeline's last step takes them.
    """
    if not len(inputs):
        return np.empty(0)
    return np.asarray(model.predict_proba(inputs)[:, 1], dtype="float64")


def predictions(probabilities: np.ndarray, threshold: float) -> np.ndarray:
    """Return whether each probability reaches the threshold: shape (rows,), bool; NaN does not."""
    return probabilities >= threshold
