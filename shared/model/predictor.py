"""From rows to answers: what the model gives, what is decided, and what is to be logged."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal, Protocol

import numpy as np
from uuid_utils import uuid7

from shared.model.bundle import Bundle
from shared.model.scores.fast_path import FastPath
from shared.schema import columns
from shared.schema.columns import Columns

Role = Literal["champion", "challenger", "canary"]


class Scoring(Protocol):
    """What gives rows their scores by a bundle whose golden rows came out as they should."""

    @property
    def evaluator(self) -> str:
        """What makes the scores, in words."""

    @property
    def fast(self) -> FastPath | None:
        """The way through compiled trees, where the model has one."""

    def scores(self, asked: Columns) -> np.ndarray:
        """Return the scores of rows, float64: shape (rows,) or (rows, columns)."""


def load_scoring(bundle: Bundle) -> Scoring:
    """Return what gives rows their scores by a bundle's model, loaded and proved."""
    # Here, since it imports scikit-learn, which a server need not.
    from shared.model.scores.model_scores import model_scores

    return model_scores(bundle)


FindScoring = Callable[[Bundle], Scoring]


class Predictor:
    """Answers rows with one bundle; `scoring` finds what gives rows their scores by it.

    Raises `Refusal` where its golden rows do not come out as they should.
    """

    def __init__(
        self, bundle: Bundle, role: Role = "champion", scoring: FindScoring = load_scoring
    ) -> None:
        self.bundle, self.role = bundle, role
        self._contract = bundle.contract
        self._key, self._time = bundle.contract.key, bundle.contract.time
        self._shared = {"bundle": bundle.digest, "role": role}
        self._scoring = scoring(bundle)

    @property
    def evaluator(self) -> str:
        """What makes the scores, in words."""
        return self._scoring.evaluator

    @property
    def fast(self) -> FastPath | None:
        """The way through compiled trees, where the model has one."""
        return self._scoring.fast

    def score(self, asked: Columns) -> Columns:
        """Return rows with what is logged of them; they have the contract's key, time, inputs."""
        started = time.perf_counter()
        scores = self.scores(asked)
        return self.answered(asked, scores, 1000 * (time.perf_counter() - started))

    def scores(self, asked: Columns) -> np.ndarray:
        """Return the scores of rows that have the contract's inputs: shape (rows,) or more."""
        return self._scoring.scores(asked)

    def answered(self, asked: Columns, scores: np.ndarray, spent_ms: float) -> Columns:
        """Return rows with what is logged of them, given their scores and what these took."""
        count = columns.size(asked)
        shared = self._shared | {"logged_at": datetime.now(UTC), "latency_ms": spent_ms}
        return {
            **asked,
            **{name: [value] * count for name, value in shared.items()},
            # Ordered by time: the database adds at an end, instead of everywhere.
            "prediction_id": [uuid7().hex for _ in range(count)],
            "key": asked[self._key],
            "time": asked[self._time],
            **{name: found.tolist() for name, found in self.bundle.answers(scores, asked).items()},
        }

    def rows_as_asked(self, logged: Columns) -> Columns:
        """Return rows as they were asked from how any bundle of the problem has logged them."""
        contract = self._contract
        named = {contract.key: logged["key"], contract.time: logged["time"]}
        return {name: logged[name] for name in contract.features} | named
