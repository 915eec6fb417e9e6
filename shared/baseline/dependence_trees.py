"""Trees that predict a column from the others, grown on some rows of a history."""

from collections.abc import Collection
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from shared.baseline import preselection
from shared.profiles import dependence
from shared.profiles.counting_plan import CategoryPlan, CountingPlan, Dependence, TreeSplit
from shared.profiles.gram import HOLIDAY, HOUR, WEEKDAY

ROWS = 12_000
# In turn, two stretches of history are learnt from, and the next proves what was learnt.
STRETCHES, PROOFS = 9, (2, 5, 8)
FEWEST = 300
MOST_LEAVES = 16
# Values of a column are sorted into so many classes, at most.
MOST_CLASSES = 10
# Fewer of them tell which of very many columns may predict another.
COARSE_CLASSES = 5
# So many rows to learn from for each cell of classes and leaves, and in each leaf.
ROWS_A_CELL, ROWS_A_LEAF = 10, 25
# What a split must gain (in bits, on average), and what the best of many gains by chance alone: so
# many bits for each class, over the rows.
WORTH, BY_CHANCE = 0.01, 5
# What true rows must have more than shuffled ones (in nats), on average, to be a dependence.
LEAST = 0.1
Codes = dict[str, np.ndarray]


def grow_trees(
    table: pa.Table, planned: CountingPlan, columns: Collection[str] | None = None
) -> tuple[Dependence, ...]:
    """Grow a tree for each of the columns that the others predict; all, and the hour of the day.

    The table's rows are in time. A dependence is kept when it holds in each stretch of time that
    it was not learnt from. Answers predict no column: they follow from them.
    """
    sampled = np.sort(np.random.default_rng(0).permutation(table.num_rows)[:ROWS])
    if len(sampled) < FEWEST:
        return ()
    coder = dependence.Coder(planned)
    codes = coder(table.take(pa.array(sampled)))
    stretch = np.arange(len(sampled)) * STRETCHES // len(sampled)
    learning = _at(codes, ~np.isin(stretch, PROOFS))
    proofs = [_at(codes, stretch == proof) for proof in PROOFS]
    grower = _Grower(learning, planned, coder.widths)
    asked = (*planned.names, HOUR) if columns is None else columns
    grown = [grower.grow(name) for name in asked]
    return tuple(
        dependent for dependent in grown if dependent and _holds(dependent, learning, proofs)
    )


def _at(codes: Codes, rows: np.ndarray) -> Codes:
    return {name: found[rows] for name, found in codes.items()}


def _holds(dependent: Dependence, learning: Codes, proofs: list[Codes]) -> bool:
    known = dependence.dependence_model(_counted(dependent, learning), dependent)
    for proof in proofs:
        shares = _counted(dependent, proof).reshape(dependent.shape) / len(proof[dependent.column])
        alone = shares.sum(axis=1, keepdims=True) * shares.sum(axis=0, keepdims=True)
        if (known.gains * (shares - alone)).sum() < LEAST:
            return False
    return True


def _counted(dependent: Dependence, codes: Codes) -> np.ndarray:
    cells = dependence.cells_of(dependent, codes)
    return np.bincount(cells[cells >= 0], minlength=dependent.shape[0] * dependent.shape[1])


class _Order(NamedTuple):
    """Where each code of a column stands, so that a tree can cut between them; and who was met."""

    stands: np.ndarray
    met: np.ndarray

    def sides(self, limit: float) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Return the codes on either side of a cut, of those that were met."""
        low = self.stands.astype("float32") <= limit
        one, other = np.flatnonzero(low & self.met), np.flatnonzero(~low & self.met)
        return tuple(one.tolist()), tuple(other.tolist())


class _Grower:
    """Codes of rows to learn from, as features of trees."""

    def __init__(self, codes: Codes, planned: CountingPlan, widths: dict[str, int]) -> None:
        self._codes, self._widths = codes, widths
        categories = (c.name for c in planned.columns if isinstance(c, CategoryPlan))
        self._unordered = {*categories, WEEKDAY, HOLIDAY}
        coarse = {name: self._classes(name, COARSE_CLASSES)[found] for name, found in codes.items()}
        predictors = [name for name in codes if name not in planned.watched]
        self._others = preselection.preselect(coarse, predictors)

    def grow(self, name: str) -> Dependence | None:
        """Grow the tree of a column; None if it has one class, or no split gains."""
        from sklearn.tree import DecisionTreeClassifier

        classes = self._classes(name)
        labels = classes[self._codes[name]]
        known = labels >= 0
        number = classes.max(initial=-1) + 1
        leaves = min(MOST_LEAVES, int(known.sum() / (ROWS_A_CELL * max(number, 1))))
        if number < 2 or leaves < 2:
            return None
        others = self._others[name]
        orders = [self._order(other, labels, number) for other in others]
        rows = [
            order.stands[self._codes[other]] for other, order in zip(others, orders, strict=True)
        ]
        if not rows:
            return None
        least = max(ROWS_A_LEAF, int(known.sum() / (8 * leaves)))
        tree = DecisionTreeClassifier(
            criterion="entropy",
            max_leaf_nodes=leaves,
            min_samples_leaf=least,
            min_impurity_decrease=WORTH + BY_CHANCE * number / known.sum(),
            random_state=0,
        ).fit(np.stack(rows, axis=1)[known].astype("float32"), labels[known])
        splits = _splits(tree.tree_, others, orders)
        found = tuple(int(label) for label in classes)
        return Dependence(column=name, classes=found, splits=splits) if splits else None

    def _classes(self, name: str, most: int = MOST_CLASSES) -> np.ndarray:
        """Return the class of each code: equally frequent ones, as far as that goes.

        The most frequent categories have one each, the others one together; no value is one, too.
        """
        counted = np.bincount(self._codes[name], minlength=self._widths[name])
        shares = counted[:-1] / max(counted[:-1].sum(), 1)
        if name in self._unordered:
            rank = np.empty(len(shares), "int64")
            rank[np.argsort(-shares, kind="stable")] = np.arange(len(shares))
            rank = np.minimum(rank, most - 1)
            rank[-1] = rank[-1] if shares[-1] else -1
        else:
            middle = np.cumsum(shares) - shares / 2
            rank = np.minimum((middle * most).astype("int64"), most - 1)
        missing = most if counted[-1] >= ROWS_A_LEAF else -1
        rank = np.append(rank, missing)
        # Without those that no row has.
        rank = np.where(counted > 0, rank, -1)
        had = np.unique(rank[rank >= 0])
        return np.where(rank < 0, -1, np.searchsorted(had, rank))

    def _order(self, name: str, labels: np.ndarray, number: int) -> _Order:
        """Return where each code of a column stands.

        Numbers stand as they are. Categories stand by the first principal component of the classes'
        frequencies in them, the best order there is for more than two classes (Coppersmith, Hong
        and Hosking, Partitioning nominal attributes in decision trees, 1999).
        """
        width = self._widths[name]
        met = np.bincount(self._codes[name], minlength=width) > 0
        if name not in self._unordered:
            return _Order(np.arange(width, dtype="float64"), met)
        known = labels >= 0
        at = self._codes[name][known] * number + labels[known]
        counted = np.bincount(at, minlength=width * number).reshape(width, number)
        rows, overall = counted.sum(axis=1, keepdims=True), counted.sum(axis=0) / len(at)
        apart = (counted + overall) / (rows + 1) - overall
        _, vectors = np.linalg.eigh((apart * rows).T @ apart)
        return _Order(np.round(apart @ vectors[:, -1], 9), met)


def _splits(tree: object, others: list[str], orders: list[_Order]) -> tuple[TreeSplit, ...]:
    """Read the nodes of a fitted tree; leaves are numbered as they come."""
    left, right = tree.children_left, tree.children_right  # type: ignore[attr-defined]
    features, limits = tree.feature, tree.threshold  # type: ignore[attr-defined]
    inner, leaf = np.flatnonzero(left >= 0), np.flatnonzero(left < 0)
    place = np.empty(len(left), "int64")
    place[inner], place[leaf] = np.arange(len(inner)), -1 - np.arange(len(leaf))
    return tuple(
        TreeSplit(
            column=others[features[at]],
            codes=orders[features[at]].sides(limits[at]),
            left=int(place[left[at]]),
            right=int(place[right[at]]),
        )
        for at in inner
    )
