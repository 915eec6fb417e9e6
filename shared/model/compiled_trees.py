"""Trees that answer few rows in a fraction of the time that their own library needs.

treelite evaluates them without what scikit-learn and LightGBM prepare for each call; for many rows
these are ahead. Which trees come out of it to the last bit was tried: scikit-learn's histogram
boosting and forests, and LightGBM's. XGBoost's and plain gradient boosting do not.
"""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import treelite
from treelite import gtil, sklearn

# So many rows are tried in turn, up to where the estimator itself is as quick.
TRIED_ROWS = (1, 4, 16, 64, 256)
TRIES = 5


@dataclass(frozen=True)
class CompiledTrees:
    """Stands for an estimator of trees: few rows are answered by treelite, others by itself.

    `outputs` gives what the trees make of rows (float64, shape (rows, columns)); up to
    `most_rows` rows that takes less time.
    """

    estimator: Any
    outputs: Callable[[np.ndarray], np.ndarray]
    most_rows: int = sys.maxsize

    @property
    def classes_(self) -> np.ndarray:
        """The classes of an estimator that has some; raises `AttributeError` for others."""
        return self.estimator.classes_

    def predict(self, rows: np.ndarray) -> np.ndarray:
        """Return the prediction of each row, as the estimator does."""
        if len(rows) > self.most_rows:
            return self.estimator.predict(rows)
        return self.outputs(rows)[:, 0]

    def predict_proba(self, rows: np.ndarray) -> np.ndarray:
        """Return the probabilities of each row, as the estimator does."""
        if len(rows) > self.most_rows:
            return self.estimator.predict_proba(rows)
        found = self.outputs(rows)
        if found.shape[1] > 1:
            return found
        both = np.empty((len(found), 2), found.dtype)
        both[:, 1] = found[:, 0]
        both[:, 0] = 1 - found[:, 0]
        return both


def compile_trees(estimator: Any) -> CompiledTrees | None:
    """Compile an estimator's trees, for any number of rows; None where they are not known."""
    library = type(estimator).__module__.partition(".")[0]
    make = _COMPILERS.get(f"{library}.{type(estimator).__name__}")
    outputs = make(estimator) if make else None
    return CompiledTrees(estimator, outputs) if outputs else None


def limited(trees: CompiledTrees, rows: np.ndarray) -> CompiledTrees:
    """Limit trees to the tried numbers of such rows (float64) that they answer in less time."""
    most = 0
    for count in TRIED_ROWS:
        some = np.resize(rows, (count, rows.shape[1]))
        if _seconds(trees, some) >= _seconds(trees.estimator, some):
            break
        most = count
    return replace(trees, most_rows=most)


def _seconds(estimator: Any, rows: np.ndarray) -> float:
    answer = estimator.predict_proba if hasattr(estimator, "classes_") else estimator.predict
    spent = []
    for _ in range(TRIES):
        began = time.perf_counter()
        answer(rows)
        spent.append(time.perf_counter() - began)
    return min(spent)


def _histogram_boosting(estimator: Any) -> Callable[[np.ndarray], np.ndarray] | None:
    """scikit-learn adds a tree after another to where it begins, treelite its beginning at last.

    So the beginning goes into the first tree of each class, and every sum is rounded alike.
    """
    if estimator.is_categorical_ is not None:
        return None
    trees = sklearn.import_model(estimator)
    header = trees.get_header_accessor()
    beginnings = np.array(header.get_field("base_scores"))
    header.set_field("base_scores", np.zeros_like(beginnings))
    for number, beginning in enumerate(beginnings):
        tree = trees.get_tree_accessor(number)
        tree.set_field("leaf_value", np.array(tree.get_field("leaf_value")) + beginning)
    inverse_link = estimator._loss.link.inverse

    def outputs(rows: np.ndarray) -> np.ndarray:
        sums = gtil.predict(trees, rows, nthread=1, pred_margin=True)[:, 0]
        return inverse_link(sums if sums.shape[1] > 1 else sums[:, 0]).reshape(sums.shape)

    return outputs


def _forest(estimator: Any) -> Callable[[np.ndarray], np.ndarray] | None:
    """A forest compares in single precision, and treelite in that of the rows.

    It divides the shares of classes anew by their sum; so they are put back as the forest has them.
    """
    if estimator.n_outputs_ > 1:
        return None
    trees = sklearn.import_model(estimator)
    if hasattr(estimator, "classes_"):
        for number, grown in enumerate(estimator.estimators_):
            leaves = grown.tree_.value[grown.tree_.children_left < 0]
            trees.get_tree_accessor(number).set_field("leaf_vector", leaves.ravel())
    return lambda rows: gtil.predict(trees, rows.astype("float32"), nthread=1)[:, 0]


def _lightgbm(estimator: Any) -> Callable[[np.ndarray], np.ndarray] | None:
    """LightGBM's trees may take zeros for missing values, which treelite does not know."""
    if estimator.booster_.params.get("zero_as_missing"):
        return None
    trees = treelite.frontend.from_lightgbm(estimator.booster_)
    return lambda rows: gtil.predict(trees, rows, nthread=1)[:, 0]


_COMPILERS: dict[str, Callable[[Any], Callable[[np.ndarray], np.ndarray] | None]] = {
    "sklearn.HistGradientBoostingClassifier": _histogram_boosting,
    "sklearn.HistGradientBoostingRegressor": _histogram_boosting,
    "sklearn.RandomForestClassifier": _forest,
    "sklearn.RandomForestRegressor": _forest,
    "sklearn.ExtraTreesClassifier": _forest,
    "sklearn.ExtraTreesRegressor": _forest,
    "lightgbm.LGBMClassifier": _lightgbm,
    "lightgbm.LGBMRegressor": _lightgbm,
}
