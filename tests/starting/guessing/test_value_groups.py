"""Values that lie together tell of a target what a few borders would tell."""

import numpy as np

from shared.starting.guessing.value_groups import group_classes, group_means, value_groups


def test_ten_values_that_lie_together_are_a_group_and_alike_ones_are_in_one() -> None:
    shuffled = np.random.default_rng(0).permutation(40)
    assert (value_groups(shuffled) == shuffled // 10).all()
    alike = np.array([0.0] * 15 + [*range(1, 11)])
    assert value_groups(alike).tolist() == [0] * 15 + [1] * 5 + [2] * 5
    few = np.array([7.0, 7.0, 7.0, 7.0, -1.0, -1.0, -1.0, -1.0])
    assert value_groups(few).tolist() == [1] * 4 + [0] * 4


def test_a_group_tells_what_its_rows_that_are_learnt_from_hold() -> None:
    groups, learnt = np.array([0, 0, 0, 1, 1, 2]), np.array([0, 1, 3, 4])
    amounts = np.array([3.0, 5.0, 100.0, 8.0, 8.0, 100.0])
    # All four rows have a mean of 6, which counts as one more row.
    assert group_means(groups, amounts, learnt).tolist() == [14 / 3, 22 / 3, 6.0]
    classes = np.array([2, 2, 0, 1, 1, 0])
    assert group_classes(groups, classes, learnt).tolist() == [2, 1, 0]
