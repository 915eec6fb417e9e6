"""Shapley values of games whose coalitions are all known."""

from itertools import permutations

import numpy as np
import pytest

from shared.reasons import shapley


def by_orders(worths: np.ndarray) -> np.ndarray:
    """Return the values by their definition: the mean of what each player adds in every order."""
    count = len(worths).bit_length() - 1
    orders = list(permutations(range(count)))
    found = np.zeros(count)
    for order in orders:
        inside = 0
        for player in order:
            found[player] += worths[inside | 1 << player] - worths[inside]
            inside |= 1 << player
    return found / len(orders)


def test_values_are_the_mean_over_all_orders_and_sum_to_what_all_are_worth() -> None:
    worths = np.random.default_rng(0).normal(size=(3, 32))
    found = shapley.values(worths)
    assert found.shape == (3, 5)
    for game, values in zip(worths, found, strict=True):
        assert values == pytest.approx(by_orders(game), abs=1e-12)
    assert found.sum(axis=1) == pytest.approx(worths[:, -1] - worths[:, 0])


def test_gloves_are_worth_most_to_who_has_the_only_left_one() -> None:
    # Player 0 has a left glove, 1 and 2 a right one each: a pair is worth 1.
    worths = np.array([[0, 0, 0, 1, 0, 1, 0, 1.0]])
    assert shapley.values(worths)[0] == pytest.approx([2 / 3, 1 / 6, 1 / 6])


def test_a_game_without_players_has_no_values() -> None:
    assert shapley.values(np.array([[3.0], [4.0]])).shape == (2, 0)


def test_a_coalition_is_worth_the_dividends_of_all_within_it() -> None:
    dividends = np.random.default_rng(1).normal(size=(2, 1, 16))
    found = shapley.worths(dividends.copy())
    for coalition in range(16):
        within = [at for at in range(16) if at | coalition == coalition]
        assert found[..., coalition] == pytest.approx(dividends[..., within].sum(axis=-1))


def test_scores_of_sums_keep_their_games_and_coalitions() -> None:
    worths = np.arange(12.0).reshape(3, 2, 2)
    found = shapley.scored(worths, lambda sums: sums * 10, 1)
    assert found.tolist() == [[20, 30], [60, 70], [100, 110]]


def test_a_coalitions_bits_are_its_players() -> None:
    assert shapley.coalitions(2).tolist() == [
        [False, False],
        [True, False],
        [False, True],
        [True, True],
    ]
