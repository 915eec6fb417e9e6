"""Sampled contributions to a row's score, next to held-out rows, with their standard errors.

Features move to the row's values one after another in random orders (Štrumbelj and Kononenko, 2014,
Explaining prediction models and individual predictions with feature contributions), each also in
its reverse, which varies less.
"""

import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from shared.reasons.additive import CALL_ROWS

# So many permutations, each with its reverse; fewer where features are many.
PAIRS = 100
FEWEST_PAIRS = 4
MOST_CELLS = 4_000_000


class SampledRows:
    """Explains rows of any model."""

    def __init__(
        self, held_out: pd.DataFrame, scored: Callable[[pd.DataFrame], np.ndarray]
    ) -> None:
        self._held_out, self._scores = held_out, scored

    def __call__(
        self, row: pd.DataFrame, at: int, seed: int, seconds: float
    ) -> tuple[float, np.ndarray, np.ndarray, int]:
        """Return the base, contributions and their errors, and by how many rows.

        They are of the score at a place of a row, a frame of one, and rest on what is sampled
        within so many seconds.
        """
        until = time.monotonic() + seconds
        count, rng = row.shape[1], np.random.default_rng(seed)
        pairs = int(np.clip(MOST_CELLS // (2 * (count + 1) * count), FEWEST_PAIRS, PAIRS))
        others = rng.integers(0, len(self._held_out), pairs)
        ranks = np.argsort(rng.random((pairs, count)), axis=1)
        at_once = max(FEWEST_PAIRS, CALL_ROWS // (2 * (count + 1)))
        bases: list[np.ndarray] = []
        gains: list[np.ndarray] = []
        for start in range(0, pairs, at_once):
            if gains and time.monotonic() > until:
                break
            some = slice(start, start + at_once)
            base, gain = self._walk(row, others[some], ranks[some], at)
            bases.append(base)
            gains.append(gain)
        base, gain = np.concatenate(bases), np.concatenate(gains)
        errors = gain.std(axis=0, ddof=1) / np.sqrt(len(gain))
        return float(base.mean()), gain.mean(axis=0), errors, len(gain)

    def _walk(
        self, row: pd.DataFrame, others: np.ndarray, ranks: np.ndarray, at: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return other rows' scores, and what each feature adds on the two ways from them to a row.

        `ranks`, shape (pairs, features), say which features come first; shapes (pairs,) and
        (pairs, features).
        """
        count = row.shape[1]
        # Shape (2, pairs, steps, features): at each step one more feature is the row's own.
        both = np.stack([ranks, count - 1 - ranks])
        own = both[:, :, None, :] < np.arange(count + 1)[:, None]
        mixed = {
            name: np.where(
                own[..., place],
                row[name].to_numpy(),
                self._held_out[name].to_numpy()[others][:, None],
            ).reshape(-1)
            for place, name in enumerate(row)
        }
        path = self._scores(pd.DataFrame(mixed, copy=False))[:, at].reshape(own.shape[:3])
        gains = np.take_along_axis(np.diff(path, axis=2), both, axis=2).mean(axis=0)
        return path[:, :, 0].mean(axis=0), gains
