"""Impressions of one span of time: what was shown to whom, with which chance, and clicked."""

from dataclasses import dataclass, fields, replace

import numpy as np

# What is kept of a window; of more, so many halvings of its users that no more are left.
MOST_ROWS, USER_BITS = 200_000, 53


@dataclass(frozen=True)
class Impressions:
    """Rows of a log, all arrays of shape (rows,).

    `user`, `item` and `slate` are whole numbers from 0; users are `below` a number, of more rows
    than are kept a smaller one. `position` is 1 for a slate's first. `candidates` is how many items
    its slate could have shown (NaN where no policy says so), and `propensity` the chance of this
    one there, given those above it. `probability` is the model's chance of a click (NaN without a
    model), `policy` the name of what chose, and `clicked` is 0 or 1.
    """

    user: np.ndarray
    item: np.ndarray
    slate: np.ndarray
    position: np.ndarray
    candidates: np.ndarray
    propensity: np.ndarray
    clicked: np.ndarray
    probability: np.ndarray
    policy: np.ndarray
    below: int = 1 << USER_BITS

    @property
    def even(self) -> np.ndarray:
        """How many times as likely each row is when items are chosen evenly; 1 where they are.

        These are the inverse propensity weights of an even choice: 1 over what is left, over the
        propensity. They are below 1 where the policy favours an item.
        """
        return even_weights(self.position, self.candidates, self.propensity)

    @property
    def decided(self) -> np.ndarray:
        """How much of each row the policy decided: 0 where it chose evenly, near 1 where alone.

        Its mean is the total variation distance between the policy and an even choice.
        """
        return np.clip(1 - self.even, 0, 1)

    def whole_slates(self) -> "Impressions":
        """Return the rows of slates of which every position is here, with the model's chance."""
        _, slate = np.unique(self.slate, return_inverse=True)
        known = np.isfinite(self.probability)
        last = np.zeros(int(slate.max(initial=-1)) + 1)
        np.maximum.at(last, slate, self.position)
        rows = np.bincount(slate[known], minlength=len(last))
        return self._some((rows == last)[slate] & known)

    def chosen(self) -> "Impressions | None":
        """Return the rows of which a policy says of how many it chose them; None without any."""
        known = np.isfinite(self.candidates)
        if known.all():
            return self
        return self._some(known) if known.any() else None

    def _some(self, kept: np.ndarray) -> "Impressions":
        return replace(self, **{name: getattr(self, name)[kept] for name in _columns()})

    def __add__(self, other: "Impressions") -> "Impressions":
        """Return the rows of both; of more than `MOST_ROWS`, all rows of some of the users."""
        both = {n: np.concatenate([getattr(self, n), getattr(other, n)]) for n in _columns()}
        below = min(self.below, other.below)
        while (kept := both["user"] < below).sum() > MOST_ROWS:
            below //= 2
        return Impressions(**{name: values[kept] for name, values in both.items()}, below=below)


def _columns() -> list[str]:
    return [field.name for field in fields(Impressions) if field.name != "below"]


def even_weights(
    position: np.ndarray, candidates: np.ndarray, propensity: np.ndarray
) -> np.ndarray:
    """Return how many times as likely shown rows are when items are chosen evenly; (rows,)."""
    return np.asarray(1 / ((candidates - position + 1) * propensity))
