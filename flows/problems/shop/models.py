"""The shop's own model: what was clicked most is shown first."""

from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin

MOST_CHANCE = 0.9


class Popularity(ClassifierMixin, BaseEstimator):
    """Counts the clicks that each item had, wherever and however often it was shown.

    The chance of a click is in proportion to them, and on average over all items as in training.
    That is how a feedback loop begins; with weights by inverse propensity it counts as if all items
    had been shown alike.
    """

    def __init__(self, item: str = "item_id") -> None:
        self.item = item

    def fit(self, rows: pd.DataFrame, clicked: Any, sample_weight: Any = None) -> Self:
        """Count the clicks of rows, by their weights."""
        weights = np.ones(len(rows)) if sample_weight is None else np.asarray(sample_weight)
        names, which = np.unique(rows[self.item].astype(str), return_inverse=True)
        counted = np.bincount(which, weights * np.asarray(clicked), len(names)) + 1
        self.classes_ = np.array([0, 1])
        self.overall_ = float(np.average(clicked, weights=weights))
        chances = np.minimum(self.overall_ * counted / counted.mean(), MOST_CHANCE)
        self.chances_ = dict(zip(names.tolist(), chances.tolist(), strict=True))
        return self

    def predict_proba(self, rows: pd.DataFrame) -> np.ndarray:
        """Return the chances of no click and of one; an item that was never shown has the mean."""
        found = rows[self.item].astype(str).map(self.chances_).astype("float64")
        chance = found.fillna(self.overall_).to_numpy()
        return np.stack([1 - chance, chance], axis=1)

    def predict(self, rows: pd.DataFrame) -> np.ndarray:
        """Return whether a click is likelier than none."""
        return np.asarray(self.predict_proba(rows)[:, 1] > 0.5, "int64")
