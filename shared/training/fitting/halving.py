"""Successive halving: many trials on few rows, then the best of them on more."""

import math
import warnings
from collections.abc import Callable, Sequence
from typing import Any, Self

from sklearn.base import BaseEstimator
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.model_selection import HalvingGridSearchCV

# Of so many trials the best one goes on, with so many times the rows.
FACTOR = 3
Attempt = Callable[[str, float], float]
"""Fits a trial on a share of the rows: how good it is, the higher the better, NaN if it failed."""


def halve(trials: Sequence[str], attempt: Attempt) -> None:
    """Attempt trials in rounds, as scikit-learn's searcher leads them, the last on all rows."""
    whole = FACTOR ** math.floor(math.log(len(trials), FACTOR))
    searcher = HalvingGridSearchCV(
        _Trial(lambda name, part: attempt(name, part / whole)),
        {"name": list(trials)},
        factor=FACTOR,
        resource="part",
        min_resources=1,
        max_resources=whole,
        cv=[([0], [0])],
        refit=False,
        return_train_score=False,
        error_score="raise",
    )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "One or more of the test scores are non-finite")
        searcher.fit([[0.0]])


class _Trial(BaseEstimator):
    """A trial as a searcher takes it; the rows are not the searcher's, but `attempt` has them."""

    def __init__(self, attempt: Callable[[str, int], float], name: str = "", part: int = 1):
        self.attempt, self.name, self.part = attempt, name, part

    def __sklearn_clone__(self) -> "_Trial":
        # Not with a copy of all rows.
        return _Trial(self.attempt, self.name, self.part)

    def fit(self, rows: Any, target: Any = None) -> Self:
        """Fit the trial on its part of the rows, whichever rows are given."""
        self.score_ = self.attempt(self.name, self.part)
        return self

    def score(self, rows: Any, target: Any = None) -> float:
        """Return how good it is, whichever rows are given."""
        return self.score_
