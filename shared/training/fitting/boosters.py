"""LightGBM's and XGBoost's estimators: known by their names, and stopped early by held-out rows."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import is_classifier
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import has_fit_parameter

ESTIMATORS = {
    "lightgbm": ("LGBMClassifier", "LGBMRegressor"),
    "xgboost": ("XGBClassifier", "XGBRegressor"),
}
# What either calls the number of trees that may bring nothing.
PATIENCE = ["early_stopping_rounds", "early_stopping_round", "early_stopping", "n_iter_no_change"]
WEIGHTS_HELD_OUT = {"lightgbm": "eval_sample_weight", "xgboost": "sample_weight_eval_set"}
# As scikit-learn's boosting has it.
HELD_OUT = 0.1


def library(estimator: Any) -> str | None:
    """Return the library that an estimator is of; None of any other estimator."""
    kind = type(estimator)
    name = kind.__module__.partition(".")[0]
    return name if kind.__name__ in ESTIMATORS.get(name, ()) else None


def stops_early(estimator: Any) -> bool:
    """Tell whether an estimator stops by rows that it does not learn from, and has to be given."""
    if not library(estimator):
        return False
    params = estimator.get_params()
    return any((params.get(name) or 0) > 0 for name in PATIENCE)


def fit_stopping(
    pipeline: Pipeline,
    inputs: pd.DataFrame,
    target: np.ndarray,
    weights: np.ndarray | None,
    seed: int,
) -> Pipeline:
    """Fit a pipeline whose estimator stops early by a tenth of the rows, taken by chance."""
    made = pipeline[:-1].fit_transform(inputs, target)
    order = np.random.default_rng(seed).permutation(len(target))
    mixed = made.iloc[order].reset_index(drop=True) if hasattr(made, "iloc") else made[order]
    fit_held_out(
        pipeline["model"], mixed, target[order], None if weights is None else weights[order]
    )
    return pipeline


def fit_held_out(
    estimator: Any, values: Any, target: np.ndarray, weights: np.ndarray | None
) -> None:
    """Fit an estimator on all rows, which are in an order by chance, but the last tenth."""
    first = len(target) - max(1, round(HELD_OUT * len(target)))
    held, of_held = values[first:], target[first:]
    counts = None if weights is None else weights[first:]
    if is_classifier(estimator) and not (known := np.isin(of_held, target[:first])).all():
        # No estimator takes a class there that it does not learn.
        held, of_held = held[known], of_held[known]
        counts = None if counts is None else counts[known]
    is_new = has_fit_parameter(estimator, "eval_X")
    apart, together = {"eval_X": held, "eval_y": of_held}, {"eval_set": [(held, of_held)]}
    given: dict[str, Any] = {**(apart if is_new else together)}
    if weights is not None and counts is not None:
        given |= {"sample_weight": weights[:first]}
        given |= {WEIGHTS_HELD_OUT[str(library(estimator))]: [counts]}
    if library(estimator) == "xgboost":
        # It would print a line for each tree.
        given["verbose"] = False
    estimator.fit(values[:first], target[:first], **given)
