"""Exact contributions to what trees answer, next to held-out rows.

What adds up over trees adds up over their leaves, and so do Shapley values: a leaf counts for the
coalitions with all features of which only the row's own value leads there, and without any of which
only the other row's does (Lundberg et al., 2020, From local explanations to global understanding
with explainable AI for trees: its interventional values). A probability that a link makes of the
sum does not add up: it is worked out for each coalition, twice as many with each feature.
"""

from collections.abc import Callable
from functools import partial
from math import factorial
from typing import Any

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from shared.frames import with_values
from shared.model.bundle import Bundle
from shared.model.scores.compiled_trees import LinkedSums, compile_trees, link_of
from shared.model.scores.fast_path import warn
from shared.reasons import exact_rows, shapley
from shared.reasons.additive import are_near
from shared.reasons.exact_rows import MOST_SCORES, ExactRow
from shared.reasons.tree_nodes import Ends, TreeNodes, read_nodes

Encode = Callable[[pd.DataFrame], np.ndarray]
Scored = Callable[[pd.DataFrame], np.ndarray]
# A feature is a bit, and so many ways through trees are gone at once.
MOST_FEATURES, MOST_WAYS = 62, 2_000_000
# So many rows show which columns an encoder makes of which feature, and so many mixed ones that
# trees are what the model is.
ENCODED_ROWS, MIXED_ROWS = 1_000, 50


class TreeContributions:
    """Explains rows of trees behind an encoder that makes each column of one feature."""

    def __init__(
        self, bundle: Bundle, encode: Encode, nodes: TreeNodes, sums: LinkedSums, rows: pd.DataFrame
    ) -> None:
        self._task, self._encode, self._nodes, self._sums = bundle.task, encode, nodes, sums
        self._others = encode(exact_rows.others(rows))
        looked_at = nodes.column[(nodes.left >= 0) & (nodes.feature < 0)]
        self._strange = np.unique(looked_at)
        self._bases = self.scores(nodes.sums(self._others)).mean(axis=0)

    def __call__(self, row: pd.DataFrame, place: int, seconds: float) -> ExactRow | None:
        """Return what each feature adds to the score at a place of a row, a frame of one.

        None where a value is of no feature alone, or where it would take too long.
        """
        own = self._encode(row)
        if not _are_same(own[:, self._strange], self._others[:, self._strange]).all():
            return None
        ends = self._nodes.ends(own, self._others, MOST_WAYS)
        if ends is None:
            return None
        if self._sums.link == "identity":
            return self._added(ends, place, row.shape[1])
        return self._linked(ends, place, row.shape[1], seconds)

    def scores(self, sums: np.ndarray) -> np.ndarray:
        """Return what the task makes of the trees' sums, shape (rows, sums): (rows, scores)."""
        return self._task.scores(self._sums, sums).reshape(len(sums), -1)

    def are_right(self, rows: pd.DataFrame, features: np.ndarray, scored: Scored) -> bool:
        """Tell whether trees give what the model does of mixed rows."""
        rng = np.random.default_rng(0)
        one, other = (rows.iloc[rng.integers(0, len(rows), MIXED_ROWS)] for _ in range(2))
        own = rng.random((MIXED_ROWS, rows.shape[1])) < 0.5
        mixed = {name: np.where(own[:, at], one[name], other[name]) for at, name in enumerate(rows)}
        encoded = np.where(own[:, features], self._encode(one), self._encode(other))
        found = self.scores(self._nodes.sums(encoded))
        return bool(are_near(found, scored(pd.DataFrame(mixed, copy=False))).all())

    def _added(self, ends: Ends, place: int, count: int) -> ExactRow:
        """Return what is worked out leaf by leaf, where scores are the trees' own sums."""
        values = self._nodes.values
        worths = (values @ self.scores(np.eye(values.shape[1]))[:, place])[ends.leaf]
        shares = _shares(count)
        needs, rules_out = np.bitwise_count(ends.needs), np.bitwise_count(ends.rules_out)
        gains, losses = shares[needs, rules_out] * worths, shares[rules_out, needs] * worths
        amounts = [
            gains[ends.needs >> at & 1 > 0].sum() - losses[ends.rules_out >> at & 1 > 0].sum()
            for at in range(count)
        ]
        others = len(self._others)
        return ExactRow(float(self._bases[place]), np.array(amounts) / others, others)

    def _linked(self, ends: Ends, place: int, count: int, seconds: float) -> ExactRow | None:
        """Return what the scores of all coalitions make; None where they are too many."""
        nodes, others = self._nodes, len(self._others)
        moving = np.zeros(others, dtype="int64")
        np.bitwise_or.at(moving, ends.other, ends.needs | ends.rules_out)

        def worths(places: np.ndarray, players: np.ndarray) -> np.ndarray:
            at = np.full(others, -1)
            at[places] = np.arange(len(places))
            some = ends._replace(other=at[ends.other])
            dividends = _dividends(some.some(some.other >= 0), players, nodes.values)
            dividends[:, :, 0] += nodes.base
            return shapley.scored(shapley.worths(dividends), self.scores, place)

        moves = (moving[:, None] >> np.arange(count) & 1).astype(bool)
        most = MOST_SCORES // nodes.values.shape[1]
        return exact_rows.of_coalitions(moves, worths, seconds, most)


def _dividends(ends: Ends, players: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the dividends of coalitions of players, shape (others, sums, 2 ** players).

    A leaf has them at what it needs, and with turned signs at that and each of what it rules out.
    """
    (others, count), sums = players.shape, values.shape[1]
    needs, rules_out = np.zeros_like(ends.needs), np.zeros_like(ends.needs)
    for player in range(count):
        own = players[ends.other, player]
        needs |= (ends.needs >> own & 1) << player
        rules_out |= (ends.rules_out >> own & 1) << player
    end, place = np.nonzero(values[ends.leaf])
    at = ((ends.other[end] * sums + place) << count) + needs[end]
    shares = _with_subsets(at, rules_out[end], values[ends.leaf[end], place])
    return np.bincount(*shares, others * sums << count).reshape(others, sums, 1 << count)


def tree_contributions(
    bundle: Bundle, held_out: pd.DataFrame, scored: Scored
) -> TreeContributions | None:
    """Return what explains a bundle of trees next to held-out rows; None for any other model."""
    try:
        return _made(bundle, held_out, scored)
    except Exception as error:
        # Pipelines are the teams' own, and others are sampled.
        warn(error)
        return None


def _made(bundle: Bundle, held_out: pd.DataFrame, scored: Scored) -> TreeContributions | None:
    model = bundle.model
    trees = compile_trees(model[-1]) if isinstance(model, Pipeline) else None
    if trees is None or (link := link_of(trees)) is None:
        return None
    encode, rows = partial(_encoded, model[:-1]), exact_rows.evenly(held_out, ENCODED_ROWS)
    features = column_features(encode, rows)
    if features is None or rows.shape[1] > MOST_FEATURES:
        return None
    nodes = read_nodes(trees.trees, features, trees.single)
    if nodes is None:
        return None
    made = TreeContributions(bundle, encode, nodes, LinkedSums(link, trees.classes), held_out)
    return made if made.are_right(rows, features, scored) else None


def column_features(encode: Encode, rows: pd.DataFrame) -> np.ndarray | None:
    """Return the place of the feature that each encoded column is made of, -1 where none moves it.

    None where one is made of several.
    """
    before = encode(rows)
    found = np.full(before.shape[1], -1)
    for at, name in enumerate(rows):
        after = encode(
            with_values(rows, {str(name): np.roll(rows[name].to_numpy(), len(rows) // 2)})
        )
        moved = ~_are_same(before, after).all(axis=0)
        if (found[moved] >= 0).any():
            return None
        found[moved] = at
    return found


def _encoded(encoder: Any, inputs: pd.DataFrame) -> np.ndarray:
    found = encoder.transform(inputs)
    dense = found.toarray() if hasattr(found, "toarray") else found
    return np.asarray(dense, dtype="float64")


def _are_same(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return (one == other) | (np.isnan(one) & np.isnan(other))


def _shares(most: int) -> np.ndarray:
    """Return a leaf's share for each feature that it needs, shape (most + 1, most + 1).

    By how many it needs and how many it rules out.
    """
    found = np.zeros((most + 1, most + 1))
    for needed in range(1, most + 1):
        for ruled_out in range(most + 1 - needed):
            orders = factorial(needed - 1) * factorial(ruled_out)
            found[needed, ruled_out] = orders / factorial(needed + ruled_out)
    return found


def _with_subsets(
    at: np.ndarray, left: np.ndarray, amounts: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return places and amounts once with each subset of the bits `left`, an odd one's turned."""
    while (some := np.flatnonzero(left)).size:
        lowest = left[some] & -left[some]
        left[some] ^= lowest
        at = np.concatenate([at, at[some] + lowest])
        amounts = np.concatenate([amounts, -amounts[some]])
        left = np.concatenate([left, left[some]])
    return at, amounts
