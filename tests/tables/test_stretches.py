"""Weights cut into stretches."""

from shared.tables.stretches import equal_stretches, stretches_of


def test_stretches_weigh_no_more_than_the_most_but_for_one_that_is_more_by_itself() -> None:
    assert stretches_of([3, 3, 3, 9, 1], 6) == [range(0, 2), range(2, 3), range(3, 4), range(4, 5)]


def test_weights_are_shared_out_in_stretches_of_about_the_same() -> None:
    assert [len(stretch) for stretch in equal_stretches([10] * 1_000, 8)] == [125] * 8
    assert equal_stretches([10] * 3, 8) == [range(0, 1), range(1, 2), range(2, 3)]


def test_no_weights_are_no_stretches() -> None:
    assert (stretches_of([], 6), equal_stretches([], 8)) == ([], [])
