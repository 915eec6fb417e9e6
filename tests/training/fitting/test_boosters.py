"""What LightGBM and XGBoost are given, by estimators that keep it; `make boosters` tries theirs."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder

from shared.training.fitting import boosters

ROWS = pd.DataFrame({"number": np.arange(40.0), "text": [*"abcd"] * 10})
TARGET = np.arange(40)


class Keeping(BaseEstimator):
    """An estimator that keeps what it is fitted with."""

    def __init__(self, early_stopping_rounds: int | None = 5) -> None:
        self.early_stopping_rounds = early_stopping_rounds


class LGBMRegressor(Keeping):
    """As LightGBM from 4.7 on."""

    __module__ = "lightgbm.sklearn"

    def fit(
        self,
        values: Any,
        target: Any,
        sample_weight: Any = None,
        eval_X: Any = None,  # noqa: N803
        eval_y: Any = None,
        eval_sample_weight: Any = None,
    ) -> None:
        self.learnt_, self.held_ = (
            (values, target, sample_weight),
            (eval_X, eval_y, eval_sample_weight),
        )


class XGBRegressor(Keeping):
    """As XGBoost."""

    __module__ = "xgboost.sklearn"

    def fit(
        self,
        values: Any,
        target: Any,
        sample_weight: Any = None,
        eval_set: Any = None,
        sample_weight_eval_set: Any = None,
        verbose: bool = True,
    ) -> None:
        assert not verbose
        self.learnt_, self.held_ = (
            (values, target, sample_weight),
            (*eval_set[0], sample_weight_eval_set),
        )


@pytest.mark.parametrize("kind", [LGBMRegressor, XGBRegressor])
@pytest.mark.parametrize("encoder", ["passthrough", OneHotEncoder()], ids=["frame", "sparse"])
def test_a_tenth_of_the_rows_by_chance_is_held_out_with_their_weights(
    kind: type, encoder: Any
) -> None:
    pipeline = Pipeline([("columns", encoder), ("model", kind())])
    model = boosters.fit_stopping(pipeline, ROWS, TARGET, TARGET / 10, 0)["model"]
    (values, target, weights), (held, of_held, (held_weights,)) = model.learnt_, model.held_
    assert (values.shape[0], held.shape[0]) == (36, 4)
    assert sorted([*target, *of_held]) == TARGET.tolist()
    assert target.tolist() != sorted(target)
    assert np.array_equal(weights, target / 10)
    assert np.array_equal(held_weights, of_held / 10)
    if sparse.issparse(values):
        assert values[:, :40].toarray().argmax(axis=1).tolist() == target.tolist()
    else:
        assert held["number"].tolist() == of_held.tolist()


def test_rows_without_weights_are_held_out_alike() -> None:
    pipeline = Pipeline([("columns", "passthrough"), ("model", XGBRegressor())])
    model = boosters.fit_stopping(pipeline, ROWS[["number"]], TARGET, None, 0)["model"]
    assert (model.learnt_[2], model.held_[2]) == (None, None)


def test_a_class_of_which_no_row_is_left_to_learn_from_is_not_held_out_either() -> None:
    class XGBClassifier(ClassifierMixin, XGBRegressor):
        __module__ = "xgboost.sklearn"

    model = XGBClassifier()
    classes = np.array([0, 1] * 19 + [2, 0])
    boosters.fit_held_out(model, ROWS[["number"]].to_numpy(), classes, TARGET / 10)
    held, of_held, (weights,) = model.held_
    assert held.ravel().tolist() == [36, 37, 39]
    assert of_held.tolist() == [0, 1, 0]
    assert weights.tolist() == [3.6, 3.7, 3.9]


@pytest.mark.parametrize(
    ("estimator", "of", "stops"),
    [
        (LGBMRegressor(), "lightgbm", True),
        (XGBRegressor(None), "xgboost", False),
        (LGBMRegressor(0), "lightgbm", False),
        (Keeping(), None, False),
    ],
)
def test_which_estimators_stop_early_by_rows_that_they_are_given(
    estimator: Any, of: str | None, stops: bool
) -> None:
    assert boosters.library(estimator) == of
    assert boosters.stops_early(estimator) is stops
