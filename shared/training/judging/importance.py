"""What each feature carries of a model's ranking, by permutation."""

from typing import Any

import pandas as pd

from shared.model.evaluation import FeatureImportance
from shared.model.inputs import model_input
from shared.schema.contract import Contract
from shared.settings import Settings
from shared.tasks.task import Task

MOST_ROWS = 2_000
LEAST_ROWS = 500
REPEATS = 3
# What is permuted in all: of 50 features, thrice, on as many rows as there may be.
MOST_PERMUTATIONS = 50 * REPEATS
MOST_PERMUTED = MOST_PERMUTATIONS * MOST_ROWS


def permutation_importances(
    model: Any, rows: pd.DataFrame, contract: Contract, task: Task, settings: Settings
) -> tuple[FeatureImportance, ...]:
    """Return what of the ranking each feature carries, the most first, by permutation."""
    from sklearn.inspection import permutation_importance

    from shared.training.fitting import preprocessing

    number, repeats = permutations(len(contract.features), len(rows))
    sample = rows.sample(number, random_state=settings.seed)
    target = sample[settings.target].to_numpy()
    if not task.can_score(target):
        return ()
    estimator, inputs, features = preprocessing.encoded(model, model_input(sample, contract))
    found = permutation_importance(
        estimator,
        inputs,
        target,
        scoring=task.importance_metric[0],
        n_repeats=repeats,
        random_state=settings.seed,
    )
    losses = zip(features, found.importances_mean, found.importances_std, strict=True)
    by_name = {f: FeatureImportance(feature=f, loss=m, spread=s) for f, m, s in losses}
    carried = [by_name[name] for name in contract.features]
    return tuple(sorted(carried, key=lambda one: -one.loss))


def permutations(features: int, rows: int) -> tuple[int, int]:
    """Return on how many of so many rows each feature is permuted, and how often.

    Of more than 50 features it is less often, and on fewer rows: it would take longer than all
    else.
    """
    repeats = min(REPEATS, max(1, MOST_PERMUTATIONS // max(features, 1)))
    most = max(LEAST_ROWS, MOST_PERMUTED // (repeats * max(features, 1)))
    return min(MOST_ROWS, most, rows), repeats
