"""Features that ruin a model: those that give the target away, and those that say nothing."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import pyarrow as pa
from sklearn import config_context
from sklearn.metrics import accuracy_score, r2_score, roc_auc_score
from sklearn.model_selection import KFold, StratifiedKFold
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from shared.kinds import ESTIMATOR_TYPES, Kind
from shared.schema import arrow
from shared.schema.contract import ContractColumn
from shared.schema.reading import plain_column, read_column
from shared.starting.guessing.value_groups import group_classes, group_means, value_groups

ROWS_TRIED = 4_000
# A single honest feature hardly ever says as much of a target.
HIGHEST = {
    "binary": ("ROC AUC", 0.99),
    "multiclass": ("accuracy", 0.98),
    "regression": ("R²", 0.98),
}
# Trees take long in wide tables. Of this many rows, groups of ten tell what a few borders tell, but
# for the rows at them: a feature of which they tell less than this is no such one.
FEWEST_GROUPED = 1_000
LEAST_BY_GROUPS = {"binary": 0.8, "multiclass": 0.6, "regression": 0.5}
FOLDS = 2
# The rows that are learnt from, and those held out.
Folds: TypeAlias = Sequence[tuple[np.ndarray, np.ndarray]]
# Filled in fewer of the rows without an outcome, and in more of those with one.
RARELY, OFTEN = 0.01, 0.5
FEWEST_UNLABELLED = 20
# So many of the rows in which a feature is filled are of one class, at most so many of the others,
# and chance does that as seldom.
PURE, MIXED, UNLIKELY = 0.99, 0.9, 1e-9
# The ends of what a tree computes with.
FLOAT32 = (float(np.finfo("float32").min), float(np.finfo("float32").max))


def single_feature_scores(
    sample: pa.Table, features: list[str], target: str, kind: Kind
) -> dict[str, float]:
    """Return how well each feature alone tells the target, by a small tree on rows held out.

    ROC AUC, accuracy, or R², by the kind; features that cannot be tried are left out. A missing
    value counts as a value of its own. Of many rows, groups of values are tried before a tree is.
    """
    labelled = sample.filter(plain_column(sample[target]).is_valid())
    rows = np.random.default_rng(0).permutation(labelled.num_rows)[:ROWS_TRIED]
    chosen = labelled.take(pa.array(np.sort(rows)))
    truth = TRUTHS[kind](chosen[target])
    # A class of a single row was joined to the largest.
    classes = np.unique(truth, return_counts=True)[1]
    few = ESTIMATOR_TYPES[kind] != "regressor" and (len(classes) < 2 or classes.min() < FOLDS)
    if len(truth) < 2 * FOLDS or few:
        return {}
    # None of the columns is read twice, and none has what a tree does not take.
    with config_context(assume_finite=True, skip_parameter_validation=True):
        folds = [*SPLITTERS[kind].split(truth, truth)]
        return {name: _score(_codes(chosen[name]), truth, kind, folds) for name in features}


def gives_away(score: float, kind: Kind) -> str:
    """Return why a feature tells too much of the target; nothing where it does not."""
    metric, most = HIGHEST[kind]
    if score < most:
        return ""
    return f"it alone tells the target ({metric} {score:.3f}): is it known only afterwards?"


def known_afterwards(sample: pa.Table, feature: str, target: str) -> str:
    """Return why a feature is known only where the outcome is; nothing where it is not."""
    known = np.asarray(plain_column(sample[target]).is_valid())
    filled = np.asarray(plain_column(sample[feature]).is_valid())
    if (~known).sum() < FEWEST_UNLABELLED or not known.any():
        return ""
    if filled[~known].mean() <= RARELY and filled[known].mean() >= OFTEN:
        return "it is filled only where the outcome is known"
    return ""


def filled_of_one_class(sample: pa.Table, feature: str, target: str, kind: Kind) -> str:
    """Return why where a feature is filled tells the class; nothing where it does not."""
    if ESTIMATOR_TYPES[kind] == "regressor":
        return ""
    labelled = sample.filter(plain_column(sample[target]).is_valid())
    filled = np.asarray(plain_column(labelled[feature]).is_valid())
    if filled.all() or not filled.any():
        return ""
    classes = TRUTHS[kind](labelled[target])
    of_filled = classes[filled]
    values, counts = np.unique(of_filled, return_counts=True)
    most = values[counts.argmax()]
    of_others = float(np.mean(classes[~filled] == most))
    by_chance = len(of_filled) * np.log(max(of_others, 1 / len(classes)))
    if counts.max() < PURE * len(of_filled) or of_others > MIXED or by_chance > np.log(UNLIKELY):
        return ""
    name = plain_column(labelled[target])[int(np.flatnonzero(classes == most)[0])].as_py()
    share = counts.max() / len(of_filled)
    said = "all" if share == 1 else f"{share:.1%}"
    return (
        f"in {said} of the {len(of_filled):,} rows in which it is filled, {target} is {name}: "
        "is it known only afterwards?"
    )


def repeated_rows(sample: pa.Table, but: set[str]) -> int:
    """Return how many rows repeat another in all columns but some."""
    columns = [name for name in sample.column_names if name not in but]
    if not columns:
        return 0
    frame = pd.DataFrame({name: _codes(sample[name])[:, 0] for name in columns})
    return int(frame.duplicated().sum())


def _amounts(values: pa.ChunkedArray) -> np.ndarray:
    return arrow.numbers(values)[0]


def _truths(values: pa.ChunkedArray) -> np.ndarray:
    """Return true and false as codes, however they are written: Y and y may both be true."""
    read = read_column(plain_column(values), ContractColumn(name="truth", type="boolean"))
    return _classes(values if read.unreadable else read.values)


def _classes(values: pa.ChunkedArray) -> np.ndarray:
    codes = pd.factorize(plain_column(values).to_pandas())[0]
    # A class of a single row is in no two folds.
    counts = np.bincount(codes)
    return np.where(counts[codes] < FOLDS, int(counts.argmax()), codes)


def _codes(values: pa.ChunkedArray) -> np.ndarray:
    plain = plain_column(values)
    if pa.types.is_string(plain.type) or pa.types.is_boolean(plain.type):
        codes, _ = pd.factorize(plain.to_pandas(), sort=True)
        return codes.reshape(-1, 1).astype("float32")
    found, missing = arrow.numbers(plain)
    # Below all others, so that a tree can cut it off.
    lowest = np.nanmin(found) if not np.isnan(found).all() else 0.0
    return np.where(np.isnan(found) | missing, lowest - 1 - abs(lowest), found).reshape(-1, 1)


def _score(column: np.ndarray, truth: np.ndarray, kind: Kind, folds: Folds) -> float:
    column, answers = np.clip(column, *FLOAT32).astype("float32"), np.empty(len(truth))
    if len(truth) >= FEWEST_GROUPED:
        groups = value_groups(column[:, 0])
        for learnt, held_out in folds:
            answers[held_out] = OF_GROUPS[kind](groups, truth, learnt)[groups[held_out]]
        if (score := MEASURES[kind](truth, answers)) < LEAST_BY_GROUPS[kind]:
            return score
    for learnt, held_out in folds:
        tree = TREES[kind](min_samples_leaf=max(3, len(truth) // 200), random_state=0)
        tree.fit(column[learnt], truth[learnt])
        answers[held_out] = OF_TREE[kind](tree, column[held_out])
    return MEASURES[kind](truth, answers)


def _chances(tree: DecisionTreeClassifier, column: np.ndarray) -> np.ndarray:
    return np.asarray(tree.predict_proba(column)[:, 1])


MEASURES: dict[Kind, Callable[[np.ndarray, np.ndarray], float]] = {
    "binary": roc_auc_score,
    "multiclass": accuracy_score,
    "regression": r2_score,
}
STRATA = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
SPLITTERS = {
    "binary": STRATA,
    "multiclass": STRATA,
    "regression": KFold(FOLDS, shuffle=True, random_state=0),
}
TREES: dict[Kind, Callable[..., Any]] = {
    "binary": partial(DecisionTreeClassifier, max_depth=5),
    "multiclass": partial(DecisionTreeClassifier, max_depth=5),
    "regression": partial(DecisionTreeRegressor, max_depth=7),
}
OF_TREE: dict[Kind, Callable[[Any, np.ndarray], np.ndarray]] = {
    "binary": _chances,
    "multiclass": DecisionTreeClassifier.predict,
    "regression": DecisionTreeRegressor.predict,
}
OF_GROUPS = {"binary": group_means, "multiclass": group_classes, "regression": group_means}
TRUTHS: dict[Kind, Callable[[pa.ChunkedArray], np.ndarray]] = {
    "binary": _truths,
    "multiclass": _classes,
    "regression": _amounts,
}
