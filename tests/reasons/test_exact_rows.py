"""What the scores of all coalitions make, and when there are too many of them."""

import numpy as np
import pandas as pd
import pytest

from shared.reasons import exact_rows

MOVES = np.array([[True, True, False], [False, False, True], [True, True, False]])
# What is added to a score of 0 by each feature next to each row.
ADDED = np.array([[1.0, 2, 0], [0, 0, 5], [3, 4, 0]])


def worths(places: np.ndarray, players: np.ndarray) -> np.ndarray:
    found = np.zeros((len(places), 1 << players.shape[1]))
    for coalition in range(found.shape[1]):
        for at in range(players.shape[1]):
            if coalition >> at & 1:
                found[:, coalition] += ADDED[places, players[:, at]]
    return found + 10


def test_each_other_row_has_players_of_its_own_and_all_count_alike() -> None:
    found = exact_rows.of_coalitions(MOVES, worths, seconds=60)
    assert found
    assert (found.base, found.others) == (10, 3)
    assert found.amounts == pytest.approx(ADDED.mean(axis=0))
    assert found.sum == pytest.approx(10 + ADDED.sum() / 3)


def test_too_many_scores_and_too_little_time_give_nothing() -> None:
    assert exact_rows.of_coalitions(MOVES, worths, seconds=60, most=10)
    assert exact_rows.of_coalitions(MOVES, worths, seconds=60, most=9) is None
    assert exact_rows.of_coalitions(MOVES, worths, seconds=0) is None
    endless = np.ones((100, 3_000), dtype=bool)
    assert exact_rows.of_coalitions(endless, worths, seconds=60) is None


def test_no_more_scores_than_may_be_are_worked_out_at_once() -> None:
    sizes: list[int] = []

    def seen(places: np.ndarray, players: np.ndarray) -> np.ndarray:
        sizes.append(len(places) << players.shape[1])
        return worths(places, players)

    assert exact_rows.of_coalitions(MOVES, seen, seconds=60, at_once=4)
    assert sizes == [4, 4, 2]


def test_rows_are_set_beside_a_hundred_held_out_ones_evenly_taken() -> None:
    held_out = pd.DataFrame({"x": np.arange(991)})
    assert exact_rows.others(held_out)["x"].tolist() == list(range(0, 991, 10))
    assert exact_rows.others(held_out.head(3))["x"].tolist() == [0, 1, 2]
