"""Estimators that learn in batches: by `partial_fit`, from more rows than memory holds."""

import inspect
import math
from typing import Any

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline
from sklearn.utils.class_weight import compute_class_weight

from shared.model.inputs import model_input
from shared.schema.contract import Contract
from shared.training.fitting.shuffled_rows import ShuffledRows

# Stochastic gradient descent has mostly converged after it: scikit-learn's own rule of thumb.
ENOUGH_ROWS = 1_000_000
BALANCED = "balanced"


def learns_in_batches(estimator: Any, weighed: bool) -> bool:
    """Tell whether an estimator can learn from one batch after another.

    One that stops early by rows that it holds out itself, or takes no weights in batches where rows
    are weighed, cannot.
    """
    if not hasattr(estimator, "partial_fit") or getattr(estimator, "early_stopping", False):
        return False
    return not weighed or _takes(estimator, "sample_weight")


def fit_in_batches(
    pipeline: Pipeline, sample: pd.DataFrame, rows: ShuffledRows, contract: Contract, passes: int
) -> Pipeline:
    """Fit a pipeline's preprocessing on a sample of the rows, and its estimator on all of them.

    There are at most so many `passes` over the rows, or, with 0, as many as make a million rows,
    and no more than one of an estimator without `max_iter`. They end as the estimator's own would:
    when its score on the sample has risen by less than `tol` for `n_iter_no_change` of them.
    """
    estimator, target = pipeline["model"], sample[contract.target].to_numpy()
    inputs = model_input(sample, contract)
    encoder = pipeline[:-1].fit(inputs, target)
    if getattr(estimator, "class_weight", None) == BALANCED:
        # In batches no estimator knows how many rows others have.
        of_sample = compute_class_weight(BALANCED, classes=np.unique(target), y=target)
        estimator.set_params(class_weight=dict(zip(np.unique(target), of_sample, strict=True)))
    most = passes or _enough_passes(estimator, rows.rows)
    asked = encoder.transform(inputs) if most > 1 else None
    scores: list[float] = []
    for passed in range(most):
        for part in rows.parts(passed):
            given: dict[str, Any] = {}
            if passed == 0 and len(rows.targets) and _takes(estimator, "classes"):
                given["classes"] = rows.targets
            if part.weights is not None:
                given["sample_weight"] = part.weights
            batch = encoder.transform(model_input(part.rows, contract))
            estimator.partial_fit(batch, part.rows[contract.target].to_numpy(), **given)
        if asked is not None:
            scores.append(estimator.score(asked, target))
            if _has_converged(scores, estimator):
                break
    return pipeline


def _enough_passes(estimator: Any, rows: int) -> int:
    """Return how many passes over rows an estimator is given that is not told how many."""
    own = getattr(estimator, "max_iter", None)
    return min(own, math.ceil(ENOUGH_ROWS / max(1, rows))) if own else 1


def _has_converged(scores: list[float], estimator: Any) -> bool:
    """Tell whether the last passes have each brought less than what an estimator asks for."""
    least = getattr(estimator, "tol", None)
    patience = getattr(estimator, "n_iter_no_change", 1)
    best = np.maximum.accumulate(scores)
    gained = np.array(scores[1:]) >= best[:-1] + (least or 0)
    return least is not None and len(gained) >= patience and not gained[-patience:].any()


def _takes(estimator: Any, name: str) -> bool:
    taken = inspect.signature(estimator.partial_fit).parameters
    is_open = any(one.kind is inspect.Parameter.VAR_KEYWORD for one in taken.values())
    return is_open or name in taken
