"""Reasons for answers: how much of each comes from each feature, next to ordinary rows.

Shapley values, exact for a model that adds up its features (a linear regression). Of any other they
are sampled by permutations (Štrumbelj and Kononenko, 2014, Explaining prediction models and
individual predictions with feature contributions), each with its reverse, which varies less.
"""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from shared.model.additive import CALL_ROWS, additive_parts
from shared.model.bundle import Bundle
from shared.model.inputs import model_input
from shared.schema.log_columns import PREDICTION
from shared.tasks.task import Rows as FeatureRows

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
    score, of several that of the class answered. The largest contribution comes first; without
    `exact` they are sampled.
    """

    of: str
    score: float
    base: float
    rows: int
    contributions: tuple[Contribution, ...]
    exact: bool = False


@dataclass(frozen=True)
class Contributions:
    """The same of many rows: `places` are those of the explained scores among the task's.

    `amounts` and `errors` have the shape (rows, features), all others (rows,).
    """

    places: np.ndarray
    bases: np.ndarray
    amounts: np.ndarray
    errors: np.ndarray
    rows: np.ndarray
    exact: np.ndarray


class Explainer:
    """Explains answers of one bundle, whose held-out rows it keeps."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle, self._features = bundle, bundle.contract.features
        self._held_out = model_input(bundle.reference(), bundle.contract)
        self._parts = additive_parts(self._held_out, self._scores)

    def explain(
        self, row: Mapping[str, Any], seed: int = 0, seconds: float = math.inf
    ) -> Explanation:
        """Return the reasons for the score of a row, given by its features' names.

        What is sampled when so many seconds are over is what they rest on.
        """
        inputs = model_input([dict(row)], self._bundle.contract)
        scores = self._scores(inputs)
        asked = {name: [value] for name, value in row.items()}
        found = self.contributions(inputs, scores, asked, seed, seconds)
        contributions = (
            Contribution(name, row[name], float(amount), float(error))
            for name, amount, error in zip(
                self._features, found.amounts[0], found.errors[0], strict=True
            )
        )
        at = int(found.places[0])
        return Explanation(
            of=self._bundle.task.score_names[at],
            score=float(scores[0, at]),
            base=float(found.bases[0]),
            rows=int(found.rows[0]),
            contributions=tuple(sorted(contributions, key=lambda one: -abs(one.amount))),
            exact=bool(found.exact[0]),
        )

    def contributions(
        self,
        inputs: pd.DataFrame,
        scores: np.ndarray,
        asked: FeatureRows,
        seed: int = 0,
        seconds: float = math.inf,
    ) -> Contributions:
        """Return the reasons for the scores of a model's input, whose rows were `asked`.

        A row rests on what is sampled of it within so many seconds.
        """
        scores = scores.reshape(len(inputs), len(self._bundle.task.score_names))
        made = self._exact(inputs, scores, self._answered(scores, asked))
        for row in map(int, np.flatnonzero(~made.exact)):
            found = self._sampled(inputs.iloc[[row]], made.places[row], seed, seconds)
            made.bases[row], made.amounts[row], made.errors[row], made.rows[row] = found
        return made

    def _scores(self, inputs: pd.DataFrame) -> np.ndarray:
        """Return scores of a model's input, shape (rows, columns)."""
        return self._bundle.task.scores(self._bundle.model, inputs).reshape(len(inputs), -1)

    def _answered(self, scores: np.ndarray, asked: FeatureRows) -> np.ndarray:
        """Return the places of the scores that the answers are about, shape (rows,)."""
        if scores.shape[1] == 1:
            return np.zeros(len(scores), dtype=int)
        contract = self._bundle.contract
        classes = contract[contract.target].categories or ()
        places = {name: at for at, name in enumerate(classes)}
        answers = self._bundle.answers(scores, asked)[PREDICTION]
        return np.array([places.get(answer, 0) for answer in answers], dtype=int)

    def _exact(self, inputs: pd.DataFrame, scores: np.ndarray, places: np.ndarray) -> Contributions:
        """Return what a model adds up of rows, `exact` where that is their score."""
        (size, count), parts = inputs.shape, self._parts
        made = Contributions(
            places=places,
            bases=np.zeros(size),
            amounts=np.zeros((size, count)),
            errors=np.zeros((size, count)),
            rows=np.zeros(size, dtype=int),
            exact=np.zeros(size, dtype=bool),
        )
        if parts is None:
            return made
        made.rows[:] = parts.rows
        at_once = max(1, MOST_CELLS // (count * scores.shape[1]))
        for start in range(0, size, at_once):
            some = slice(start, start + at_once)
            amounts, own = parts.contributions(inputs.iloc[some]), places[some]
            made.amounts[some] = np.take_along_axis(amounts, own[:, None, None], axis=2)[..., 0]
            made.bases[some] = parts.base[own]
            made.exact[some] = parts.add_up(amounts, scores[some])
        return made

    def _sampled(
        self, row: pd.DataFrame, at: int, seed: int, seconds: float
    ) -> tuple[float, np.ndarray, np.ndarray, int]:
        """Return the base, contributions and their errors, and by how many rows."""
        until = time.monotonic() + seconds
        count, rng = len(self._features), np.random.default_rng(seed)
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
        count = len(self._features)
        # Shape (2, pairs, steps, features): at each step one more feature is the row's own.
        both = np.stack([ranks, count - 1 - ranks])
        own = both[:, :, None, :] < np.arange(count + 1)[:, None]
        mixed = {
            name: np.where(
                own[..., place],
                row[name].to_numpy(),
                self._held_out[name].to_numpy()[others][:, None],
            ).reshape(-1)
            for place, name in enumerate(self._features)
        }
        path = self._scores(pd.DataFrame(mixed, copy=False))[:, at].reshape(own.shape[:3])
        gains = np.take_along_axis(np.diff(path, axis=2), both, axis=2).mean(axis=0)
        return path[:, :, 0].mean(axis=0), gains
