"""The nodes of trees give what these do, of mixed rows as well."""

from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import (
    ExtraTreesRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
)
from treelite import sklearn

from shared.model.scores.compiled_trees import compile_trees
from shared.reasons.tree_nodes import TreeNodes, read_nodes

RNG = np.random.default_rng(6)
ROWS = RNG.normal(size=(300, 4))
ROWS[RNG.random(ROWS.shape) < 0.2] = np.nan
NUMBERS = np.nan_to_num(ROWS[:, 0]) * np.nan_to_num(ROWS[:, 1]) + np.nan_to_num(ROWS[:, 2])
CLASSES = np.digitize(NUMBERS, [-1, 1])


def nodes_of(estimator: Any) -> TreeNodes:
    trees = compile_trees(estimator)
    assert trees
    # Columns 1 and 3 are of one feature.
    nodes = read_nodes(trees.trees, np.array([0, 1, 2, 1]), trees.single)
    assert nodes
    return nodes


@pytest.mark.parametrize(
    ("estimator", "target", "answer"),
    [
        (HistGradientBoostingRegressor(max_iter=20), NUMBERS, "predict"),
        (ExtraTreesRegressor(10), NUMBERS, "predict"),
        (RandomForestClassifier(10), CLASSES, "predict_proba"),
        (RandomForestClassifier(10), CLASSES > 1, "predict_proba"),
        (HistGradientBoostingClassifier(max_iter=9), CLASSES, "decision_function"),
        (HistGradientBoostingClassifier(max_iter=9), CLASSES > 1, "decision_function"),
    ],
)
def test_sums_are_those_of_the_estimator(estimator: Any, target: np.ndarray, answer: str) -> None:
    nodes = nodes_of(estimator.fit(ROWS, target))
    wanted = getattr(estimator, answer)(ROWS).reshape(len(ROWS), -1)
    assert nodes.sums(ROWS) == pytest.approx(wanted, abs=1e-12)


@pytest.mark.parametrize("single", [False, True])
def test_a_mixture_ends_where_its_own_values_and_the_others_lead(single: bool) -> None:
    kind = RandomForestClassifier(10) if single else HistGradientBoostingClassifier(max_iter=9)
    nodes, features = nodes_of(kind.fit(ROWS, CLASSES)), np.array([0, 1, 2, 1])
    row, others = ROWS[:1], ROWS[1:6]
    ends = nodes.ends(row, others, 100_000)
    assert ends
    for coalition in range(8):
        outside = coalition ^ 7
        reached = (ends.needs & outside == 0) & (ends.rules_out & coalition == 0)
        sums = np.zeros((5, 3))
        np.add.at(sums, ends.other[reached], nodes.values[ends.leaf[reached]])
        own = coalition >> features & 1 > 0
        assert sums + nodes.base == pytest.approx(nodes.sums(np.where(own, row, others)))
        # In each tree at one leaf.
        assert reached.sum() == 5 * len(nodes.roots)


def test_more_ways_than_may_be_have_no_ends() -> None:
    nodes = nodes_of(ExtraTreesRegressor(10).fit(ROWS, NUMBERS))
    assert nodes.ends(ROWS[:1], ROWS[1:6], 100_000)
    assert nodes.ends(ROWS[:1], ROWS[1:6], 60) is None


def test_a_tree_of_a_leaf_alone_adds_that() -> None:
    nodes = nodes_of(HistGradientBoostingRegressor(max_iter=3).fit(ROWS, np.full(300, 2.5)))
    assert nodes.sums(ROWS)[:, 0] == pytest.approx(np.full(300, 2.5))
    ends = nodes.ends(ROWS[:1], ROWS[1:3], 100)
    assert ends
    assert (ends.needs | ends.rules_out == 0).all()


def test_trees_that_split_by_categories_have_none() -> None:
    coded = np.nan_to_num(ROWS).astype(int) % 3
    by_category = HistGradientBoostingRegressor(max_iter=3, categorical_features=[0, 1, 2, 3])
    trees = sklearn.import_model(by_category.fit(coded, NUMBERS))
    assert read_nodes(trees, np.arange(4), single=False) is None
