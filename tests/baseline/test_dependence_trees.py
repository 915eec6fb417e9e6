"""Dependence trees: grown where columns predict each other throughout, and nowhere else."""

import numpy as np
import pandas as pd

from shared.baseline import dependence_trees
from shared.baseline.dependence_trees import FEWEST, MOST_LEAVES
from shared.profiles import planning
from shared.profiles.counting_plan import Dependence
from shared.profiles.gram import WEEKDAY
from shared.schema import arrow
from tests.profiles.sales import CONTRACT, sales


def grown(frame: pd.DataFrame) -> tuple[Dependence, ...]:
    table = arrow.table(frame)
    return dependence_trees.grow_trees(table, planning.plan_counting(table, CONTRACT))


def test_only_columns_that_others_predict_have_trees() -> None:
    others = {tree.column: set(tree.others) for tree in grown(sales(8_000))}
    assert others.keys() == {"size", "bow", "shop", "ware"}
    assert (others["ware"], others["bow"]) == ({"shop"}, {"size"})


def test_too_few_rows_grow_no_trees() -> None:
    assert grown(sales(FEWEST - 1)) == ()


def test_a_dependence_that_ended_is_none() -> None:
    rows = sales(8_000)
    late = rows["ware"].tail(2_000).sample(frac=1, random_state=0)
    ended = rows.assign(ware=[*rows["ware"].head(6_000), *late])
    assert {tree.column for tree in grown(ended)} == {"size", "bow"}


def test_trees_are_small_and_have_every_code_on_one_side() -> None:
    for tree in grown(sales(8_000)):
        assert tree.shape[1] <= MOST_LEAVES
        for split in tree.splits:
            assert not set(split.codes[0]) & set(split.codes[1])


def test_a_column_may_depend_on_the_day_of_the_week() -> None:
    rows = sales(4_000)
    weekend = rows["at"].dt.dayofweek >= 5
    luck = np.where(weekend, 3.0, 0.0) + np.random.default_rng(1).normal(0, 0.3, len(rows))
    (tree,) = [tree for tree in grown(rows.assign(luck=luck)) if tree.column == "luck"]
    assert tree.others == (WEEKDAY,)
    assert {tuple(sorted(codes)) for codes in tree.splits[0].codes} == {(0, 1, 2, 3, 4), (5, 6)}
