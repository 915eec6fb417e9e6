"""Compiled trees give what their estimator gives, to the last bit, for any row."""

import pickle
import time
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.ensemble._hist_gradient_boosting.gradient_boosting import BaseHistGradientBoosting

from shared.model.scores.compiled_trees import compile_trees, most_rows

RNG = np.random.default_rng(11)
# Of few decimals, so that values lie on the trees' very bounds.
ROWS = np.round(RNG.normal(size=(1_500, 6)), 1)
ROWS[RNG.random(ROWS.shape) < 0.05] = np.nan
SUMS = np.nansum(ROWS, axis=1) + RNG.normal(size=len(ROWS))
TARGETS = {
    "two classes": (SUMS > 0).astype(float),
    "four classes": np.digitize(SUMS, [-2, 0, 2]).astype(float),
    "a number": SUMS,
    "a count": np.floor(np.exp(SUMS / 4)),
}
TREES = [
    (HistGradientBoostingClassifier(max_iter=20), "two classes"),
    (HistGradientBoostingClassifier(max_iter=20), "four classes"),
    (HistGradientBoostingRegressor(max_iter=20), "a number"),
    (HistGradientBoostingRegressor(loss="poisson", max_iter=20), "a count"),
    (HistGradientBoostingRegressor(loss="quantile", quantile=0.9, max_iter=20), "a number"),
    (RandomForestClassifier(20, random_state=0), "two classes"),
    (RandomForestRegressor(20, max_depth=6, random_state=0), "a number"),
    (ExtraTreesClassifier(20, max_depth=6, random_state=0), "four classes"),
    (ExtraTreesRegressor(20, max_depth=6, random_state=0), "a number"),
]


def answers(estimator: Any, rows: np.ndarray) -> np.ndarray:
    if hasattr(estimator, "classes_"):
        return estimator.predict_proba(rows)
    return estimator.predict(rows)


@pytest.mark.parametrize(("estimator", "target"), TREES, ids=str)
def test_few_rows_come_out_to_the_last_bit_as_from_the_estimator(
    estimator: Any, target: str
) -> None:
    estimator.fit(ROWS, TARGETS[target])
    trees = compile_trees(estimator)
    assert trees is not None
    # Forests refuse what single precision cannot hold.
    most = 1e300 if isinstance(estimator, BaseHistGradientBoosting) else 1e30
    others = np.concatenate([np.full((3, 6), [[np.nan], [most], [-most]]), ROWS + 1e-9])
    for rows in (ROWS, ROWS[:1], others):
        assert np.array_equal(answers(trees, rows), answers(estimator, rows))
    received = pickle.loads(pickle.dumps(trees))
    assert np.array_equal(answers(received, ROWS), answers(estimator, ROWS))
    assert hasattr(received, "classes_") == hasattr(estimator, "classes_")


def test_trees_that_come_out_otherwise_are_not_compiled() -> None:
    plain = GradientBoostingRegressor(n_estimators=5).fit(np.nan_to_num(ROWS), SUMS)
    assert compile_trees(plain) is None
    categories = np.floor(np.abs(np.nan_to_num(ROWS)))
    learnt = HistGradientBoostingRegressor(max_iter=5, categorical_features=[0])
    assert compile_trees(learnt.fit(categories, SUMS)) is None


def test_trees_are_left_what_they_answer_in_less_time() -> None:
    estimator = HistGradientBoostingRegressor(max_iter=20).fit(ROWS, SUMS)
    trees = compile_trees(estimator)
    assert trees is not None
    assert most_rows(trees, estimator, ROWS) in (1, 4, 16, 64, 256)

    class Slow(HistGradientBoostingRegressor):
        """An estimator that takes its time."""

        def predict(self, X: Any) -> Any:  # noqa: N803
            time.sleep(0.05)
            return np.zeros(len(X))

    assert most_rows(Slow(), trees, ROWS) == 0
