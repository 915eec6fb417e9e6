"""Reasons for one answer: how much of it comes from each feature, next to ordinary rows.

Shapley values by sampled permutations (Štrumbelj and Kononenko, 2014, Explaining prediction models
and individual predictions with feature contributions), each with its reverse, which varies less.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from shared.model.bundle import Bundle

# So many permutations, each with its reverse; fewer where features are many.
PAIRS = 100
FEWEST_PAIRS = 4
MOST_CELLS = 4_000_000


@dataclass(frozen=True)
class Contribution:
    """What one feature adds to an answer, in the unit of the score, and its standard error."""

    feature: str
    value: Any
    amount: float
    error: float


@dataclass(frozen=True)
class Explanation:
    """Why a model's score of a row is what it is: `base` and all contributions sum to it.

    `base` is the mean score of the held-out `rows` that the row was set beside; `of` names the
    score, of several the highest. The largest contribution comes first.
    """

    of: str
    score: float
    base: float
    rows: int
    contributions: tuple[Contribution, ...]


def explain(row: Mapping[str, Any], bundle: Bundle, seed: int = 0) -> Explanation:
    """Return the reasons for a bundle's score of a row, given by its features' names."""
    features, rng = bundle.contract.features, np.random.default_rng(seed)
    count = len(features)
    pairs = int(np.clip(MOST_CELLS // (2 * (count + 1) * count), FEWEST_PAIRS, PAIRS))
    held_out = bundle.reference()
    others = rng.integers(0, len(held_out), pairs)
    ranks = np.argsort(rng.random((pairs, count)), axis=1)
    # Shape (2, pairs, steps, features): at each step one more feature is the row's own.
    both = np.stack([ranks, count - 1 - ranks])
    own = both[:, :, None, :] < np.arange(count + 1)[:, None]
    columns = {
        name: _mixed(own[..., at], held_out[name].iloc[others], row[name])
        for at, name in enumerate(features)
    }
    scores = bundle.scores(columns).reshape(*own.shape[:3], -1)
    # The last step is the row itself.
    best = int(np.argmax(scores[0, 0, -1]))
    path = scores[..., best]
    gains = np.take_along_axis(np.diff(path, axis=2), both, axis=2).mean(axis=0)
    amounts, errors = gains.mean(axis=0), gains.std(axis=0, ddof=1) / np.sqrt(pairs)
    found = (
        Contribution(name, row[name], float(amounts[at]), float(errors[at]))
        for at, name in enumerate(features)
    )
    return Explanation(
        of=bundle.task.score_names[best],
        score=float(path[0, 0, -1]),
        base=float(path[:, :, 0].mean()),
        rows=pairs,
        contributions=tuple(sorted(found, key=lambda one: -abs(one.amount))),
    )


def _mixed(own: np.ndarray, others: Any, value: Any) -> list[Any]:
    """Return a column: the row's own value where it is due, else that of the other row."""
    theirs = others.astype(object).where(others.notna(), None).to_numpy()
    mixed = np.broadcast_to(theirs[None, :, None], own.shape).copy()
    mixed[own] = value
    return list(mixed.reshape(-1))
