"""Trees that score many items for one who asks, of which the items' half is worked out once.

Of each tree a bit stands for each leaf. A split that sends an item to its right rules out the
leaves on its left, and the first leaf that no split has ruled out is where the item ends (Lucchese
et al., QuickScorer, 2015). What splits on items' features rule out is known beforehand: a request
adds what splits on its own features do, and is answered in a tenth of the time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import csr_array
from scipy.special import expit

from shared.model.scores.fast_path import FastPath, Input
from shared.schema import columns
from shared.schema.columns import Columns
from shared.tasks.task import Task

MOST_LEAVES = 64
ALL = np.uint64(2**MOST_LEAVES - 1)
# How treelite has a leaf, a split of numbers, and "less than or equal".
LEAF, NUMBERS, LESS_OR_EQUAL = 0, 1, 3
# Items times trees: 240 MB.
MOST_CELLS = 20_000_000
# For so many who ask items are gone through once, while what is known of them stays in a cache.
CONTEXTS_AT_ONCE = 8
# So many items are tried in turn, for so many who ask.
TRIED_ITEMS, TRIED_CONTEXTS = 500, 8


class _Splits(NamedTuple):
    """Splits of all trees: the tree of each, its input, and the leaves left when it goes right."""

    tree: np.ndarray
    feature: np.ndarray
    threshold: np.ndarray
    missing_left: np.ndarray
    kept: np.ndarray

    def some(self, which: np.ndarray) -> "_Splits":
        return _Splits(*(each[which] for each in self))

    def go_left(self, values: np.ndarray) -> np.ndarray:
        """Return which splits send such values to their left; both of shape (splits, values)."""
        less = values <= self.threshold[:, None]
        return less | (np.isnan(values) & self.missing_left[:, None])


@dataclass(frozen=True)
class ItemTrees:
    """Scores items by trees.

    Items that the same leaves of a tree are left to end together in it: `kept` are those leaves,
    `tree` whose they are, both of shape (groups,), and `groups` has a 1 where an item is in one,
    of shape (items, groups), each item's in the order of the trees. `leaves` are the leaves'
    values, (trees * 64,); `splits` those on what is asked with, each tree's beginning at one of
    `starts`.
    """

    inputs: tuple[Input, ...]
    kept: np.ndarray
    tree: np.ndarray
    groups: csr_array
    leaves: np.ndarray
    splits: _Splits
    starts: np.ndarray

    def scores(self, context: dict[str, Any], places: np.ndarray | None = None) -> np.ndarray:
        """Return the scores of items, or of those at some places, for a context: shape (items,)."""
        groups = self.groups if places is None else self.groups[places]
        # A sparse product adds from left to right: in the order of the trees, as the model does.
        return np.asarray(expit(groups @ self._values([context])[:, 0]))

    def scores_of(self, contexts: Sequence[dict[str, Any]]) -> Iterator[np.ndarray]:
        """Yield the scores of all items for each context, shape (items,)."""
        for start in range(0, len(contexts), CONTEXTS_AT_ONCE):
            found = self.groups @ self._values(contexts[start : start + CONTEXTS_AT_ONCE])
            yield from expit(found.T.copy())

    def _values(self, contexts: Sequence[dict[str, Any]]) -> np.ndarray:
        """Return what each group adds for each context: shape (groups, contexts)."""
        left = self._left_by(contexts).take(self.tree, axis=0)
        left &= self.kept[:, None]
        # As many bits are below the lowest one.
        below = left - np.uint64(1)
        below &= np.invert(left, out=left)
        return self.leaves.take(np.bitwise_count(below) + (self.tree * MOST_LEAVES)[:, None])

    def _left_by(self, contexts: Sequence[dict[str, Any]]) -> np.ndarray:
        """Return the leaves of each tree that contexts leave: shape (trees, contexts)."""
        found = np.full((len(self.leaves) // MOST_LEAVES, len(contexts)), ALL)
        if not len(self.starts):
            return found
        asked = [one.numbers([each.get(one.name) for each in contexts]) for one in self.inputs]
        values = np.array(asked, dtype="float64")[self.splits.feature]
        kept = np.where(self.splits.go_left(values), ALL, self.splits.kept[:, None])
        found[self.splits.tree[self.starts]] = np.bitwise_and.reduceat(kept, self.starts)
        return found


def item_trees(fast: FastPath, task: Task, items: Columns, context: Columns) -> ItemTrees | None:
    """Return what scores items as a fast path's trees do, to the last bit; None where it cannot.

    That is tried for the rows of a `context`, which have what requests say of themselves.
    """
    made = _made(fast, items)
    if made is None or not _is_right(made, fast, task, items, context):
        return None
    return made


def _is_right(
    made: ItemTrees, fast: FastPath, task: Task, items: Columns, context: Columns
) -> bool:
    few = {name: values[:TRIED_ITEMS] for name, values in items.items()}
    count = columns.size(few)
    places = np.arange(count)
    rows = columns.rows({name: values[:TRIED_CONTEXTS] for name, values in context.items()})
    contexts = [*rows, dict.fromkeys(context)]
    for row, together in zip(contexts, made.scores_of(contexts), strict=True):
        asked = {name: [value] * count for name, value in row.items()} | few
        wanted = fast.scores(task, asked)
        for found in (together[:count], made.scores(row, places)):
            if not np.array_equal(found, wanted):
                return False
    return True


def _made(fast: FastPath, items: Columns) -> ItemTrees | None:
    trees = fast.trees
    if trees.trees.num_tree * columns.size(items) > MOST_CELLS:
        return None
    if trees.link != "logit" or trees.single:
        return None
    read = [_splits(trees.trees.get_tree_accessor(at), at) for at in range(trees.trees.num_tree)]
    known = [one for one in read if one is not None]
    if len(known) < len(read) or not known:
        return None
    splits = _Splits(*(np.concatenate(each) for each in zip(*(s for s, _ in known), strict=True)))
    of_items = np.array([one.name in items for one in fast.inputs])
    is_items = of_items[splits.feature]
    asked = splits.some(~is_items)
    starts = np.flatnonzero(np.diff(asked.tree, prepend=-1))
    groups, kept, tree = _groups(_kept(splits.some(is_items), fast.inputs, items, len(known)))
    leaves = np.concatenate([values for _, values in known])
    # An item's features are none of a request's.
    inputs = [Input(one.name) if one.name in items else one for one in fast.inputs]
    return ItemTrees(tuple(inputs), kept, tree, groups, leaves, asked, starts)


def _kept(splits: _Splits, inputs: tuple[Input, ...], items: Columns, trees: int) -> np.ndarray:
    """Return the leaves that the items' features leave: shape (trees, items)."""
    found = np.full((trees, columns.size(items)), ALL)
    numbers = {
        at: np.array(one.numbers(items[one.name]), dtype="float64")
        for at, one in enumerate(inputs)
        if one.name in items
    }
    for at in range(len(splits.tree)):
        split = splits.some(np.array([at]))
        right = ~split.go_left(numbers[int(split.feature[0])])[0]
        found[split.tree[0], right] &= split.kept[0]
    return found


def _groups(kept: np.ndarray) -> tuple[csr_array, np.ndarray, np.ndarray]:
    """Return which groups items are in, and of each group its leaves and its tree."""
    found = [np.unique(row, return_inverse=True) for row in kept]
    sizes = [len(different) for different, _ in found]
    first = np.cumsum([0, *sizes[:-1]])
    group = np.stack([at + start for (_, at), start in zip(found, first, strict=True)])
    tree = np.repeat(np.arange(len(kept)), sizes)
    trees, items = kept.shape
    ends = np.arange(0, trees * items + 1, trees)
    ones = np.ones(trees * items)
    # In half the bytes of Python's integers, as they are gone through for every request.
    places = group.T.ravel().astype("int32"), ends.astype("int32")
    in_groups = csr_array((ones, *places), shape=(items, len(tree)))
    return in_groups, np.concatenate([different for different, _ in found]), tree


def _splits(tree: Any, number: int) -> tuple[_Splits, np.ndarray] | None:
    """Return a tree's splits and its leaves' values, from left to right; None of another kind."""
    fields = ("node_type", "cleft", "cright", "split_index", "threshold", "default_left", "cmp")
    kind, left, right, feature, threshold, default, compare = map(tree.get_field, fields)
    inner = np.flatnonzero(kind != LEAF)
    is_known = (kind[inner] == NUMBERS).all() and (compare[inner] == LESS_OR_EQUAL).all()
    order = [*_from_left(left, right)]
    leaves = [node for node in order if kind[node] == LEAF]
    if not is_known or len(leaves) > MOST_LEAVES:
        return None
    first = {node: at for at, node in enumerate(leaves)}
    last = dict(first)
    for node in reversed(order):
        if kind[node] != LEAF:
            first[node], last[node] = first[int(left[node])], last[int(right[node])]
    ruled_out = [(1 << (last[int(left[n])] + 1)) - (1 << first[n]) for n in inner.tolist()]
    kept = np.array([~bits & int(ALL) for bits in ruled_out], dtype="uint64")
    trees = np.full(len(inner), number)
    splits = _Splits(trees, feature[inner], threshold[inner], default[inner] > 0, kept)
    values = np.zeros(MOST_LEAVES)
    values[: len(leaves)] = tree.get_field("leaf_value")[leaves]
    return splits, values


def _from_left(left: np.ndarray, right: np.ndarray) -> Iterator[int]:
    """Yield a tree's nodes, each before what is below it, the left before the right."""
    waiting = [0]
    while waiting:
        node = waiting.pop()
        yield node
        if left[node] >= 0:
            waiting += [int(right[node]), int(left[node])]
