"""The nodes of trees, and where a row ends in them with some values of another row."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import treelite

# How treelite has a leaf, a split of numbers, "less than" and "less than or equal".
LEAF, NUMBERS, LESS, LESS_OR_EQUAL = 0, 1, 2, 3


class Ends(NamedTuple):
    """Leaves where mixtures of a row and another one end: the place of the other, and the leaf.

    They do where `needs`, features as bits, have the row's own values, and `rules_out` have the
    other's; whatever the rest has.
    """

    other: np.ndarray
    leaf: np.ndarray
    needs: np.ndarray
    rules_out: np.ndarray

    def some(self, which: np.ndarray) -> "Ends":
        """Return some of them."""
        return Ends(*(each[which] for each in self))


@dataclass(frozen=True)
class TreeNodes:
    """All trees, each from one of `roots`.

    A node looks at a `column`, made of a `feature`, and sends what is below its threshold, or at
    it unless `is_strict`, to `left`; a leaf has -1 there. `values`, shape (nodes, sums), are the
    leaves', and add up to the trees' sums with `base`, shape (sums,). Rows are compared in `single`
    precision where trees do that.
    """

    column: np.ndarray
    feature: np.ndarray
    threshold: np.ndarray
    is_strict: np.ndarray
    missing_left: np.ndarray
    left: np.ndarray
    right: np.ndarray
    values: np.ndarray
    roots: np.ndarray
    base: np.ndarray
    single: bool

    def sums(self, rows: np.ndarray) -> np.ndarray:
        """Return the trees' sums of rows, shape (rows, columns): (rows, sums)."""
        rows = self._compared(rows)
        at = np.repeat(np.arange(len(rows)), len(self.roots))
        node = np.tile(self.roots, len(rows))
        while (inner := np.flatnonzero(self.left[node] >= 0)).size:
            goes_left = self._go_left(node[inner], rows, at[inner])
            node[inner] = self._child(node[inner], goes_left)
        reached = self.values[node].reshape(len(rows), len(self.roots), -1)
        return np.asarray(reached.sum(axis=1) + self.base)

    def ends(self, row: np.ndarray, others: np.ndarray, most: int) -> Ends | None:
        """Return where mixtures of a row, shape (1, columns), and each other row end.

        None where more ways than `most` lead there.
        """
        row, others = self._compared(row), self._compared(others)
        other = np.repeat(np.arange(len(others)), len(self.roots))
        nobody = np.zeros(len(other), dtype="int64")
        ways = Ends(other, np.tile(self.roots, len(others)), nobody, nobody)
        found: list[Ends] = []
        while len(ways.leaf):
            if len(ways.leaf) > most:
                return None
            is_leaf = self.left[ways.leaf] < 0
            found.append(ways.some(is_leaf))
            ways = self._further(ways.some(~is_leaf), row, others)
        return Ends(*(np.concatenate(each) for each in zip(*found, strict=True)))

    def _further(self, ways: Ends, row: np.ndarray, others: np.ndarray) -> Ends:
        """Return ways one split further: two of each that a row and another one go apart."""
        node = ways.leaf
        own = self._go_left(node, row, np.zeros_like(ways.other))
        their = self._go_left(node, others, ways.other)
        bit = np.left_shift(1, np.maximum(self.feature[node], 0))
        part = own != their
        with_own = ~part | (ways.rules_out & bit == 0)
        with_their = part & (ways.needs & bit == 0)
        one = ways._replace(
            leaf=self._child(node, own), needs=np.where(part, ways.needs | bit, ways.needs)
        ).some(with_own)
        two = ways._replace(leaf=self._child(node, their), rules_out=ways.rules_out | bit).some(
            with_their
        )
        return Ends(*(np.concatenate(each) for each in zip(one, two, strict=True)))

    def _compared(self, rows: np.ndarray) -> np.ndarray:
        return rows.astype("float32").astype("float64") if self.single else rows

    def _go_left(self, node: np.ndarray, rows: np.ndarray, at: np.ndarray) -> np.ndarray:
        value, threshold = rows[at, self.column[node]], self.threshold[node]
        left = (value < threshold) | ((value == threshold) & ~self.is_strict[node])
        return np.asarray(left | (np.isnan(value) & self.missing_left[node]))

    def _child(self, node: np.ndarray, goes_left: np.ndarray) -> np.ndarray:
        return np.where(goes_left, self.left[node], self.right[node])


def read_nodes(trees: treelite.Model, features: np.ndarray, single: bool) -> TreeNodes | None:
    """Return the nodes of trees whose columns are made of `features`, one of each column.

    None of trees that split by categories.
    """
    header = trees.get_header_accessor()
    share = 1 / trees.num_tree if header.get_field("average_tree_output")[0] else 1.0
    base = np.array(header.get_field("base_scores"), dtype="float64")
    tables: list[np.ndarray] = []
    values: list[np.ndarray] = []
    roots = [0]
    for number in range(trees.num_tree):
        tree = trees.get_tree_accessor(number)
        table = _table(tree)
        if table is None:
            return None
        inner = table[:, 0] >= 0
        table[inner, :2] += roots[-1]
        tables.append(table)
        place = max(int(header.get_field("class_id")[number]), 0)
        values.append(_values(tree, len(table), place, len(base)) * share)
        roots.append(roots[-1] + len(table))
    left, right, column, threshold, missing_left, is_strict = np.concatenate(tables).T
    return TreeNodes(
        column=column.astype(int),
        feature=features[column.astype(int)],
        threshold=threshold,
        is_strict=is_strict > 0,
        missing_left=missing_left > 0,
        left=left.astype(int),
        right=right.astype(int),
        values=np.concatenate(values),
        roots=np.array(roots[:-1]),
        base=base,
        single=single,
    )


def _table(tree: Any) -> np.ndarray | None:
    """Return of each node its children, column, threshold, and how it compares."""
    names = ("cleft", "cright", "split_index", "threshold", "default_left")
    kind, compared = (np.array(tree.get_field(name)) for name in ("node_type", "cmp"))
    inner = kind != LEAF
    if not ((kind[inner] == NUMBERS) & np.isin(compared[inner], (LESS, LESS_OR_EQUAL))).all():
        return None
    columns = [np.array(tree.get_field(name), dtype="float64") for name in names]
    table = np.stack([*columns, compared == LESS], axis=1)
    table[~inner, 2] = 0
    return table


def _values(tree: Any, nodes: int, place: int, sums: int) -> np.ndarray:
    """Return what each node adds to each sum where it is a leaf: shape (nodes, sums)."""
    found = np.zeros((nodes, sums))
    vectors = np.array(tree.get_field("leaf_vector"))
    if not len(vectors):
        found[:, place] = tree.get_field("leaf_value")
        return found
    leaves = np.flatnonzero(np.array(tree.get_field("node_type")) == LEAF)
    begins = np.array(tree.get_field("leaf_vector_begin"))[leaves].astype(int)
    found[leaves] = vectors[begins[:, None] + np.arange(sums)]
    return found
