"""Features that ruin a model: those that give the target away, and those that say nothing."""

import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa
from sklearn.metrics import r2_score, roc_auc_score
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_predict
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from shared.schema import arrow
from shared.schema.contract import ContractColumn
from shared.schema.reading import plain_column, read_column
from shared.tasks.kinds import ESTIMATOR_TYPES, Kind

ROWS_TRIED = 4_000
# A single honest feature hardly ever says as much of a target.
HIGHEST = {
    "binary": ("ROC AUC", 0.99),
    "multiclass": ("accuracy", 0.98),
    "regression": ("R²", 0.98),
}
FOLDS = 2
# Filled in fewer of the rows without an outcome, and in more of those with one.
RARELY, OFTEN = 0.01, 0.5
FEWEST_UNLABELLED = 20


def single_feature_scores(
    sample: pa.Table, features: list[str], target: str, kind: Kind
) -> dict[str, float]:
    """Return how well each feature alone tells the target, by a small tree on rows held out.

    ROC AUC, accuracy, or R², by the kind; features that cannot be tried are left out. A missing
    value counts as a value of its own.
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
    return {name: _score(_codes(chosen[name]), truth, kind) for name in features}


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


def _score(column: np.ndarray, truth: np.ndarray, kind: Kind) -> float:
    least = max(3, len(truth) // 200)
    with warnings.catch_warnings(action="ignore"):
        return MEASURES[kind](column, truth, least)


def _roc_auc(column: np.ndarray, truth: np.ndarray, least: int) -> float:
    chances = cross_val_predict(
        _classifier(least), column, truth, cv=_strata(), method="predict_proba"
    )
    return float(roc_auc_score(truth, chances[:, 1]))


def _accuracy(column: np.ndarray, truth: np.ndarray, least: int) -> float:
    return float(
        (cross_val_predict(_classifier(least), column, truth, cv=_strata()) == truth).mean()
    )


def _r2(column: np.ndarray, truth: np.ndarray, least: int) -> float:
    tree = DecisionTreeRegressor(max_depth=7, min_samples_leaf=least, random_state=0)
    folds = KFold(FOLDS, shuffle=True, random_state=0)
    return float(r2_score(truth, cross_val_predict(tree, column, truth, cv=folds)))


def _classifier(least: int) -> DecisionTreeClassifier:
    return DecisionTreeClassifier(max_depth=5, min_samples_leaf=least, random_state=0)


def _strata() -> StratifiedKFold:
    return StratifiedKFold(FOLDS, shuffle=True, random_state=0)


MEASURES: dict[Kind, Callable[[np.ndarray, np.ndarray, int], float]] = {
    "binary": _roc_auc,
    "multiclass": _accuracy,
    "regression": _r2,
}
TRUTHS: dict[Kind, Callable[[pa.ChunkedArray], np.ndarray]] = {
    "binary": _truths,
    "multiclass": _classes,
    "regression": _amounts,
}
