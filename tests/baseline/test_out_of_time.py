"""Trees out of time: what they learnt is proven by rows that came later."""

import numpy as np

from shared.baseline.out_of_time import OutOfTimeTrees
from shared.baseline.statistics import Statistic
from shared.profiles import planning
from shared.schema import arrow
from tests.profiles.sales import CONTRACT, sales


def test_trees_are_held_against_what_came_after_the_rows_that_they_grew_on() -> None:
    rows = sales(9_000)
    late = rows["ware"].tail(3_000).sample(frac=1, random_state=0)
    table = arrow.table(rows.assign(ware=[*rows["ware"].head(6_000), *late]))
    starts = np.arange(0, 9_000, 100)
    trees = OutOfTimeTrees(table, starts, planning.plan_counting(table, CONTRACT), ["ware"])
    begins = np.arange(0, 90, 5)
    found = trees.measure({"ware"}, begins, begins, 5)[Statistic("dependence", "ware")]
    # No block before the first third has trees that did not see it.
    assert (found[:6] == 0).all()
    assert found[6:12].max() < 0.3
    # The trees of the first three quarters find the dependence gone already.
    assert found[12:14].min() > 1


def test_blocks_are_held_against_what_was_before_an_earlier_end() -> None:
    table = arrow.table(sales(9_000))
    starts, planned = np.arange(0, 9_000, 100), planning.plan_counting(table, CONTRACT)
    trees = OutOfTimeTrees(table, starts, planned, ["ware"])
    assert trees.columns == {"ware"}
    begins, ends = np.array([60, 80]), np.array(trees.cells[:1] * 2)
    found = trees.measure({"ware"}, begins, ends, 5)[Statistic("dependence", "ware")]
    # What had come by an earlier end are other rows, though of the same kind.
    assert (
        found[0] != trees.measure({"ware"}, begins, begins, 5)[Statistic("dependence", "ware")][0]
    )
    assert found.max() < 0.3
