"""Trees that answer few rows in a fraction of the time that their own library needs.

treelite evaluates them without what scikit-learn and LightGBM prepare for each call; for many rows
these are ahead. Which trees come out of it to the last bit was tried: scikit-learn's histogram
boosting and forests, and LightGBM's. XGBoost's and plain gradient boosting do not.

Compiled, they need nothing of these libraries, and can be handed to another process.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import treelite
from scipy.special import expit
from treelite import gtil, sklearn

# So many rows are tried in turn, up to where the estimator itself is as quick.
TRIED_ROWS = (1, 4, 16, 64, 256)
TRIES = 5
# How a sum over trees becomes what is answered.
Link = Literal["identity", "log", "logit", "multinomial"]


@dataclass(frozen=True)
class CompiledTrees:
    """Stands for an estimator of trees, and gives what that gives.

    `link` is what is made of sums; None where treelite makes it itself. With `single`, rows are
    compared in single precision. `classes` are None of an estimator that has none.
    """

    trees: treelite.Model
    classes: np.ndarray | None = None
    link: Link | None = None
    single: bool = False

    @property
    def classes_(self) -> np.ndarray:
        """The classes of an estimator that has some; raises `AttributeError` for others."""
        if self.classes is None:
            raise AttributeError("classes_")
        return self.classes

    def predict(self, rows: np.ndarray) -> np.ndarray:
        """Return the prediction of each row (float64, shape (rows, columns)) as the estimator."""
        return self._outputs(rows)[:, 0]

    def predict_proba(self, rows: np.ndarray) -> np.ndarray:
        """Return the probabilities of each row, as the estimator does."""
        return _of_both(self._outputs(rows))

    def _outputs(self, rows: np.ndarray) -> np.ndarray:
        """Return what the trees make of rows."""
        given = rows.astype("float32") if self.single else rows
        sums = gtil.predict(self.trees, given, nthread=1, pred_margin=self.link is not None)[:, 0]
        return _INVERSE[self.link](sums) if self.link else sums

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (self.trees.serialize_bytes(), self.classes, self.link, self.single)


def _restored(trees: bytes, *rest: Any) -> CompiledTrees:
    return CompiledTrees(treelite.Model.deserialize_bytes(trees), *rest)


@dataclass(frozen=True)
class LinkedSums:
    """Stands for an estimator whose rows are the sums that a link makes answers of."""

    link: Link
    classes_: np.ndarray | None = None

    def predict(self, sums: np.ndarray) -> np.ndarray:
        """Return the prediction of each row of sums, shape (rows, sums)."""
        return _INVERSE[self.link](sums)[:, 0]

    def predict_proba(self, sums: np.ndarray) -> np.ndarray:
        """Return the probabilities of each row of sums."""
        return _of_both(_INVERSE[self.link](sums))


def link_of(trees: CompiledTrees) -> Link | None:
    """Return what trees make of their sums; None for what is not known."""
    if trees.link:
        return trees.link
    header = trees.trees.get_header_accessor()
    if header.get_field("sigmoid_alpha")[0] != 1:
        return None
    return _POSTPROCESSORS.get(str(header.get_field("postprocessor")))


def compile_trees(estimator: Any) -> CompiledTrees | None:
    """Compile an estimator's trees; None where they are not known."""
    library = type(estimator).__module__.partition(".")[0]
    make = _COMPILERS.get(f"{library}.{type(estimator).__name__}")
    return make(estimator) if make else None


def most_rows(trees: CompiledTrees, estimator: Any, rows: np.ndarray) -> int:
    """Return how many such rows (float64) trees are tried to answer in less time; 0 for none."""
    most = 0
    for count in TRIED_ROWS:
        some = np.resize(rows, (count, rows.shape[1]))
        if _seconds(trees, some) >= _seconds(estimator, some):
            break
        most = count
    return most


def _seconds(estimator: Any, rows: np.ndarray) -> float:
    answer = estimator.predict_proba if hasattr(estimator, "classes_") else estimator.predict
    spent = []
    for _ in range(TRIES):
        began = time.perf_counter()
        answer(rows)
        spent.append(time.perf_counter() - began)
    return min(spent)


def _of_both(found: np.ndarray) -> np.ndarray:
    """Return the probabilities of each class, of which there may be that of the second alone."""
    if found.shape[1] > 1:
        return found
    both = np.empty((len(found), 2), found.dtype)
    both[:, 1] = found[:, 0]
    both[:, 0] = 1 - found[:, 0]
    return both


def _softmax(sums: np.ndarray) -> np.ndarray:
    """Return shares of 1, in the order of operations that scikit-learn has."""
    made = np.exp(sums - sums.max(axis=1, keepdims=True))
    return np.asarray(made / made.sum(axis=1, keepdims=True))


_INVERSE: dict[Link, Callable[[np.ndarray], np.ndarray]] = {
    "identity": lambda sums: sums,
    "log": np.exp,
    "logit": expit,
    "multinomial": _softmax,
}
_LINKS: dict[str, Link] = {
    "IdentityLink": "identity",
    "LogLink": "log",
    "LogitLink": "logit",
    "MultinomialLogit": "multinomial",
}

_POSTPROCESSORS: dict[str, Link] = {
    "identity": "identity",
    "identity_multiclass": "identity",
    "exponential": "log",
    "sigmoid": "logit",
    "softmax": "multinomial",
}


def _histogram_boosting(estimator: Any) -> CompiledTrees | None:
    """scikit-learn adds a tree after another to where it begins, treelite its beginning at last.

    So the beginning goes into the first tree of each class, and every sum is rounded alike.
    """
    link = _LINKS.get(type(estimator._loss.link).__name__)
    if estimator.is_categorical_ is not None or link is None:
        return None
    trees = sklearn.import_model(estimator)
    header = trees.get_header_accessor()
    beginnings = np.array(header.get_field("base_scores"))
    header.set_field("base_scores", np.zeros_like(beginnings))
    for number, beginning in enumerate(beginnings):
        tree = trees.get_tree_accessor(number)
        tree.set_field("leaf_value", np.array(tree.get_field("leaf_value")) + beginning)
    return CompiledTrees(trees, _classes(estimator), link)


def _forest(estimator: Any) -> CompiledTrees | None:
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
    return CompiledTrees(trees, _classes(estimator), single=True)


def _lightgbm(estimator: Any) -> CompiledTrees | None:
    """LightGBM's trees may take zeros for missing values, which treelite does not know."""
    if estimator.booster_.params.get("zero_as_missing"):
        return None
    trees = treelite.frontend.from_lightgbm(estimator.booster_)
    return CompiledTrees(trees, _classes(estimator))


def _classes(estimator: Any) -> np.ndarray | None:
    return getattr(estimator, "classes_", None)


_COMPILERS: dict[str, Callable[[Any], CompiledTrees | None]] = {
    "sklearn.HistGradientBoostingClassifier": _histogram_boosting,
    "sklearn.HistGradientBoostingRegressor": _histogram_boosting,
    "sklearn.RandomForestClassifier": _forest,
    "sklearn.RandomForestRegressor": _forest,
    "sklearn.ExtraTreesClassifier": _forest,
    "sklearn.ExtraTreesRegressor": _forest,
    "lightgbm.LGBMClassifier": _lightgbm,
    "lightgbm.LGBMRegressor": _lightgbm,
}
COMPILED_TYPES = tuple(name.partition(".")[2] for name in _COMPILERS)
