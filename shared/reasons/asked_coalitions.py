"""Exact contributions of any model to rows of few features: it is asked about every coalition."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from shared.reasons import exact_rows, shapley
from shared.reasons.exact_rows import ExactRow

# So many rows are asked at most, those of seven features, and so many at once.
MOST_ROWS, CALL_ROWS = 12_800, 1_000


class AskedCoalitions:
    """Explains rows that differ from held-out ones in few features."""

    def __init__(
        self, held_out: pd.DataFrame, scored: Callable[[pd.DataFrame], np.ndarray]
    ) -> None:
        self._others, self._scored = exact_rows.others(held_out), scored

    def __call__(self, row: pd.DataFrame, place: int, seconds: float) -> ExactRow | None:
        """Return what each feature adds to the score at a place of a row, a frame of one.

        None where features are too many, or it would take too long.
        """

        def worths(places: np.ndarray, players: np.ndarray) -> np.ndarray:
            inside = shapley.coalitions(players.shape[1])
            own = np.zeros((len(places), len(inside), row.shape[1]), dtype=bool)
            at = np.arange(len(places))[:, None, None], np.arange(len(inside))[:, None]
            own[(*at, players[:, None])] = inside
            some = self._others.iloc[places]
            mixed = {
                name: np.where(
                    own[..., at], row[name].to_numpy(), some[name].to_numpy()[:, None]
                ).reshape(-1)
                for at, name in enumerate(row)
            }
            found = self._scored(pd.DataFrame(mixed, copy=False))[:, place]
            return found.reshape(len(places), len(inside))

        differs = [~_is_same(row[name].iloc[0], self._others[name]) for name in row]
        moves = np.stack(differs, axis=1)
        return exact_rows.of_coalitions(moves, worths, seconds, MOST_ROWS, CALL_ROWS)


def _is_same(own: Any, others: pd.Series) -> np.ndarray:
    return (others.isna() if pd.isna(own) else others == own).to_numpy()
