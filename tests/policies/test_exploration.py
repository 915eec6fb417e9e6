"""Exploration: what is shown has the chance that is logged with it, and again from the scores."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.errors import Refusal
from shared.policies.exploration import best_first, choose, expected_scores, propensities
from shared.sections.answers import Explore

WAYS = [
    Explore(by="none"),
    *(Explore(by="epsilon", share=share) for share in (0, 0.25, 1)),
    *(Explore(by="softmax", temperature=temperature) for temperature in (0.5, 20)),
    Explore(by="thompson"),
]
SCORES = st.lists(st.floats(0, 1), max_size=12).map(np.array)
FOUR = np.array([0.3, 0.32, 0.05, 0.32])


@pytest.mark.parametrize("explore", WAYS)
def test_slates_come_as_often_as_the_product_of_their_propensities(explore: Explore) -> None:
    random, slates = np.random.default_rng(0), 5_000
    counts = dict.fromkeys(permutations(range(4), 2), 0)
    for _ in range(slates):
        counts[tuple(choose(FOUR, 2, explore, random).positions.tolist())] += 1
    for slate, count in counts.items():
        chance = propensities(FOUR, np.array(slate), explore).prod()
        error = 5 * np.sqrt(slates * chance * (1 - chance)) + 1e-9
        assert abs(count - slates * chance) <= error, slate


@pytest.mark.parametrize("explore", WAYS)
@settings(max_examples=20)
@given(scores=SCORES, k=st.integers(1, 15), seed=st.integers(0, 99))
def test_what_is_chosen_has_the_same_propensities_again_to_the_last_bit(
    explore: Explore, scores: np.ndarray, k: int, seed: int
) -> None:
    shown = choose(scores, k, explore, np.random.default_rng(seed))
    assert len(set(shown.positions.tolist())) == len(shown.positions) == min(k, len(scores))
    assert shown.positions.dtype == np.int64
    again = propensities(scores, shown.positions, explore)
    assert again.tobytes() == shown.propensities.tobytes()
    assert np.all((again > 0) & (again <= 1))


@pytest.mark.parametrize("explore", WAYS)
@settings(max_examples=20)
@given(scores=SCORES.filter(len), data=st.data())
def test_the_chances_of_all_that_could_be_next_sum_to_one(
    explore: Explore, scores: np.ndarray, data: st.DataObject
) -> None:
    above = data.draw(st.lists(st.sampled_from(range(len(scores))), unique=True))[:-1]
    left = sorted(set(range(len(scores))) - set(above))
    total = sum(propensities(scores, np.array([*above, place]), explore)[-1] for place in left)
    assert total == pytest.approx(1, abs=2e-5 if explore.by == "thompson" else 1e-9)


@pytest.mark.parametrize("explore", WAYS[:-1])
@settings(max_examples=20)
@given(scores=SCORES.filter(len), data=st.data())
def test_expected_scores_are_the_means_over_all_that_could_be_next(
    explore: Explore, scores: np.ndarray, data: st.DataObject
) -> None:
    shown = data.draw(st.lists(st.sampled_from(range(len(scores))), unique=True, min_size=1))
    found = expected_scores(scores, np.array(shown), explore)
    assert found is not None
    for position in range(len(shown)):
        above = shown[:position]
        left = sorted(set(range(len(scores))) - set(above))
        chances = [propensities(scores, np.array([*above, at]), explore)[-1] for at in left]
        assert found[position] == pytest.approx(np.dot(chances, scores[left]), abs=1e-9)


def test_expected_scores_of_thompson_sampling_would_take_too_long() -> None:
    assert expected_scores(FOUR, np.array([0]), WAYS[-1]) is None


@given(
    scores=st.lists(st.sampled_from([0, 0.1, 0.2, 0.3]), max_size=30).map(np.array),
    k=st.integers(0, 35),
)
def test_of_equal_scores_the_first_is_better(scores: np.ndarray, k: int) -> None:
    expected = sorted(range(len(scores)), key=lambda place: (-scores[place], place))[:k]
    assert best_first(scores, min(k, len(scores))).tolist() == expected


def test_epsilon_gives_every_item_left_its_part_and_the_best_the_rest() -> None:
    found = propensities(FOUR, np.array([1, 2, 3]), Explore(by="epsilon", share=0.3))
    assert found == pytest.approx([0.3 / 4 + 0.7, 0.3 / 3, 0.3 / 2 + 0.7])


def test_softmax_is_the_models_odds_among_what_is_left() -> None:
    found = propensities(
        np.array([0.5, 0.75, 0.2]), np.array([1, 0]), Explore(by="softmax", temperature=1)
    )
    assert found == pytest.approx([3 / 4.25, 1 / 1.25])


def test_softmax_loses_no_weight_beside_a_much_larger_one() -> None:
    explore = Explore(by="softmax", temperature=0.01)
    found = propensities(np.array([1 - 1e-9, 0.1, 0.1]), np.array([0, 1, 2]), explore)
    assert found == pytest.approx([1, 0.5, 1])


@pytest.mark.parametrize("explore", WAYS)
def test_without_candidates_nothing_is_shown(explore: Explore) -> None:
    shown = choose(np.array([]), 20, explore, np.random.default_rng(0))
    assert len(shown.positions) == len(shown.propensities) == 0


@pytest.mark.parametrize("explore", WAYS)
@pytest.mark.parametrize("odd", [float("nan"), 1.5, -0.1])
def test_scores_that_are_no_chances_are_refused(explore: Explore, odd: float) -> None:
    words = rf"^scores are chances from 0 to 1: that of candidate 1 is {odd}$"
    with pytest.raises(Refusal, match=words):
        choose(np.array([0.5, odd]), 1, explore, np.random.default_rng(0))
    with pytest.raises(Refusal, match=words):
        propensities(np.array([0.5, odd]), np.array([0]), explore)


def test_what_cannot_be_is_refused() -> None:
    random, thing = np.random.default_rng(0), Explore(by="none")
    with pytest.raises(Refusal, match=r"^a slate has at least 1 position, not 0$"):
        choose(FOUR, 0, thing, random)
    with pytest.raises(Refusal, match=r"^4 candidates have no places 2 to 4$"):
        propensities(FOUR, np.array([2, 4]), thing)
    with pytest.raises(Refusal, match=r"^a slate shows each candidate once, not \[2, 2\]$"):
        propensities(FOUR, np.array([2, 2]), thing)
