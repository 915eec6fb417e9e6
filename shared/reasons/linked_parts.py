"""Exact contributions of models that add up their features before a link: a logistic regression."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from shared.model.bundle import Bundle
from shared.model.scores.compiled_trees import Link, LinkedSums
from shared.model.scores.fast_path import warn
from shared.reasons import exact_rows, shapley
from shared.reasons.additive import TRIED_ROWS, are_near, steps
from shared.reasons.exact_rows import MOST_SCORES, ExactRow


class LinkedParts:
    """Explains rows of a model whose `decision_function` adds up its features."""

    def __init__(self, bundle: Bundle, held_out: pd.DataFrame) -> None:
        decided = bundle.model.decision_function
        self._task, self._first = bundle.task, held_out.iloc[:1]
        self._decide = lambda rows: decided(rows).reshape(len(rows), -1)
        others = exact_rows.others(held_out)
        self._others, self._moved = self._decide(others), self._steps(others)
        link: Link = "multinomial" if self._others.shape[1] > 1 else "logit"
        self._sums = LinkedSums(link, bundle.model.classes_)

    def __call__(self, row: pd.DataFrame, place: int, seconds: float) -> ExactRow | None:
        """Return what each feature adds to the score at a place of a row, a frame of one.

        None where it would take too long.
        """
        # Shape (others, features, sums): by how much the row's own value moves another row.
        moved = self._steps(row) - self._moved
        sums = self._others.shape[1]

        def worths(places: np.ndarray, players: np.ndarray) -> np.ndarray:
            dividends = np.zeros((len(places), sums, 1 << players.shape[1]))
            dividends[:, :, 0] = self._others[places]
            for at in range(players.shape[1]):
                dividends[:, :, 1 << at] = moved[places, players[:, at]]
            return shapley.scored(shapley.worths(dividends), self.scores, place)

        return exact_rows.of_coalitions(moved.any(axis=2), worths, seconds, MOST_SCORES // sums)

    def scores(self, sums: np.ndarray) -> np.ndarray:
        """Return what the task makes of sums, shape (rows, sums): (rows, scores)."""
        return self._task.scores(self._sums, sums).reshape(len(sums), -1)

    def are_right(self, rows: pd.DataFrame, scored: Callable[[pd.DataFrame], np.ndarray]) -> bool:
        """Tell whether parts add up to what is decided of rows, and the link to their scores."""
        wanted = self._decide(rows)
        added = self._decide(self._first) + self._steps(rows).sum(axis=1)
        are_sums = are_near(added, wanted) & are_near(self.scores(wanted), scored(rows))
        return bool(are_sums.all())

    def _steps(self, rows: pd.DataFrame) -> np.ndarray:
        return steps(rows, self._first, self._decide)


def linked_parts(
    bundle: Bundle, held_out: pd.DataFrame, scored: Callable[[pd.DataFrame], np.ndarray]
) -> LinkedParts | None:
    """Return what explains such a bundle next to held-out rows; None for any other model."""
    if not hasattr(bundle.model, "decision_function"):
        return None
    try:
        made = LinkedParts(bundle, held_out)
        return made if made.are_right(held_out.iloc[:TRIED_ROWS], scored) else None
    except Exception as error:
        # Pipelines are the teams' own, and others are sampled.
        warn(error)
        return None
