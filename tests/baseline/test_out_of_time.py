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
    trees = OutOfTimeTrees(table, starts, planning.plan_counting(table, CONTRACT))
    found = trees.measure(np.arange(0, 90, 5), 5)[Statistic("dependence", "ware")]
    # No block before the first third has trees that did not see it.
    assert (found[:6] == 0).all()
    assert found[6:12].max() < 0.3
    # The trees of the first three quarters find the dependence gone already.
    assert found[12:14].min() > 1
