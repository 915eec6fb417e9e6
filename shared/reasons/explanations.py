"""Reasons for answers: how much of each comes from each feature, next to ordinary rows.

They are Shapley values: exact for models that add up their features, for trees, and for any other
model of few features; of all else they are sampled.
"""

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from shared.log_columns import PREDICTION
from shared.model.bundle import Bundle
from shared.model.inputs import model_input
from shared.reasons.additive import additive_parts, are_near
from shared.reasons.asked_coalitions import AskedCoalitions
from shared.reasons.exact_rows import ExactRow, ExactWay
from shared.reasons.linked_parts import linked_parts
from shared.reasons.sampled_row import SampledRows
from shared.reasons.tree_contributions import tree_contributions
from shared.tasks.task import Rows as FeatureRows

# So many contributions are worked out at once.
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

    `base` is the mean score of the held-out `rows` that the row was set beside, of which exact
    contributions are those there; `of` names the score, of several that of the class answered. The
    largest contribution comes first; without `exact` they are sampled.
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
        self._sampled = SampledRows(self._held_out, self._scores)

    @property
    def adds_up(self) -> bool:
        """Whether the model adds up its features, so that many rows take no longer than one."""
        return self._parts is not None

    def explain(
        self, row: Mapping[str, Any], seed: int = 0, seconds: float = math.inf
    ) -> Explanation:
        """Return the reasons for the score of a row, given by its features' names.

        What would take more seconds than given is sampled instead, as far as that comes in them.
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

        A row that takes more seconds than given is sampled instead, as far as that comes in them;
        without any it is sampled once, unless the model adds up its features.
        """
        scores = scores.reshape(len(inputs), len(self._bundle.task.score_names))
        made = self._exact(inputs, scores, self._answered(scores, asked))
        for row in map(int, np.flatnonzero(~made.exact)):
            own, place = inputs.iloc[[row]], int(made.places[row])
            until = time.monotonic() + seconds
            if found := self._enumerated(own, place, float(scores[row, place]), seconds):
                made.bases[row], made.amounts[row] = found.base, found.amounts
                made.rows[row], made.exact[row] = found.others, True
                continue
            sampled = self._sampled(own, place, seed, until - time.monotonic())
            made.bases[row], made.amounts[row], made.errors[row], made.rows[row] = sampled
        return made

    @cached_property
    def _ways(self) -> list[ExactWay]:
        """What explains single rows exactly, the quickest first."""
        held_out, scores = self._held_out, self._scores
        own = tree_contributions(self._bundle, held_out, scores) or linked_parts(
            self._bundle, held_out, scores
        )
        return [*([own] if own else []), AskedCoalitions(held_out, scores)]

    def _enumerated(
        self, row: pd.DataFrame, place: int, score: float, seconds: float
    ) -> ExactRow | None:
        """Return the exact reasons for a score of a row; None where they would take too long."""
        if seconds <= 0:
            return None
        for way in self._ways:
            found = way(row, place, seconds)
            if found and are_near(np.array([[found.sum]]), np.array([[score]]))[0]:
                return found
        return None

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
