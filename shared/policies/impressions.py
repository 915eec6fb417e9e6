"""Impressions of one span of time: what was shown to whom, with which chance, and clicked."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Impressions:
    """Rows of a log, all arrays of shape (rows,).

    `user` and `item` are whole numbers from 0; `position` is 1 for a slate's first. `candidates`
    is how many items its slate could have shown, and `propensity` the chance of this one there,
    given those above it. `probability` is the model's chance of a click (NaN without a model),
    `policy` the name of what chose, and `clicked` is 0 or 1.
    """

    user: np.ndarray
    item: np.ndarray
    position: np.ndarray
    candidates: np.ndarray
    propensity: np.ndarray
    clicked: np.ndarray
    probability: np.ndarray
    policy: np.ndarray

    @property
    def even(self) -> np.ndarray:
        """How many times as likely each row is when items are chosen evenly; 1 where they are.

        These are the inverse propensity weights of an even choice: 1 over what is left, over the
        propensity. They are below 1 where the policy favours an item.
        """
        return 1 / ((self.candidates - self.position + 1) * self.propensity)

    @property
    def decided(self) -> np.ndarray:
        """How much of each row the policy decided: 0 where it chose evenly, near 1 where alone.

        Its mean is the total variation distance between the policy and an even choice.
        """
        return np.clip(1 - self.even, 0, 1)
