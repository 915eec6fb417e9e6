"""Impressions: how likely each was by an even choice, and how much of it a policy decided."""

from dataclasses import replace

import numpy as np
import pytest

from shared.policies import impressions as module
from shared.policies.impressions import Impressions


def impressions(propensity: list[float], position: list[int], candidates: int = 4) -> Impressions:
    rows = len(propensity)
    return Impressions(
        user=np.zeros(rows, int),
        item=np.arange(rows),
        slate=np.zeros(rows, int),
        position=np.array(position),
        candidates=np.full(rows, candidates),
        propensity=np.array(propensity),
        clicked=np.zeros(rows),
        probability=np.full(rows, 0.1),
        policy=np.full(rows, "epsilon 0.1"),
    )


def test_an_even_choice_of_each_position_weighs_one_and_decides_nothing() -> None:
    rows = impressions([1 / 4, 1 / 3, 1 / 2], [1, 2, 3])
    assert rows.even == pytest.approx([1, 1, 1])
    assert rows.decided == pytest.approx([0, 0, 0])


def test_a_favoured_item_is_decided_and_an_explored_one_weighs_more() -> None:
    rows = impressions([0.925, 0.025], [1, 1])
    assert rows.even == pytest.approx([0.25 / 0.925, 10])
    assert rows.decided == pytest.approx([1 - 0.25 / 0.925, 0])


def test_what_is_decided_is_the_distance_from_an_even_choice() -> None:
    policy, even = np.array([0.7, 0.2, 0.1]), 1 / 3
    rows = impressions(policy.tolist(), [1, 1, 1], candidates=3)
    assert policy @ rows.decided == pytest.approx(np.abs(policy - even).sum() / 2)


def test_of_more_rows_than_are_kept_all_those_of_some_users_stay(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MOST_ROWS", 300)
    random = np.random.default_rng(1)
    user = np.repeat(random.integers(1 << 53, size=100), 5)
    rows = replace(impressions([0.25] * 500, [1] * 500), user=user)
    none = replace(impressions([], []), user=np.zeros(0, int))
    once, parts = rows + none, none
    for at in range(0, 500, 100):
        part = replace(impressions([0.25] * 100, [1] * 100), user=user[at : at + 100])
        parts = parts + part
    assert 150 < len(once.user) <= 300
    assert all(np.bincount(np.unique(once.user, return_inverse=True)[1]) == 5)
    assert sorted(parts.user) == sorted(once.user)
