"""Trials are the same for the same seed, and each is within what its search says."""

from typing import Any

import pytest

from shared.sections.training import Range, Search
from shared.settings import Settings
from shared.training.fitting import trials

SPACE = {
    "learning_rate": Range(low=0.01, high=0.3, log=True),
    "max_iter": Range(low=1, high=3),
    "max_leaf_nodes": (7, None),
    "class_weight": ("balanced", {"0": 1, "1": 5}),
}


def with_search(settings: Settings, **search: Any) -> Settings:
    searched = Search(**{"parameters": SPACE, **search})
    return settings.model_copy(update={"search": {"boosting": searched}})


def test_the_same_seed_gives_the_same_trials_and_more_of_them_begin_alike(
    settings: Settings,
) -> None:
    few, more = (with_search(settings, trials=count) for count in (5, 9))
    first = trials.sampled("boosting", few)
    assert first == trials.sampled("boosting", few)
    assert [*trials.sampled("boosting", more).values()][:5] == [*first.values()]
    assert first != trials.sampled("boosting", few.model_copy(update={"seed": 8}))


def test_values_are_those_listed_or_within_their_range(settings: Settings) -> None:
    found = [*trials.sampled("boosting", with_search(settings, trials=200)).values()]
    rates = [one["learning_rate"] for one in found]
    assert all(0.01 <= rate <= 0.3 and rate == float(f"{rate:.4g}") for rate in rates)
    # As many below as above the middle of the logarithms.
    assert 70 < sum(rate < 0.0548 for rate in rates) < 130
    counts = [one["max_iter"] for one in found]
    assert {type(count) for count in counts} == {int}
    assert all(40 < counts.count(count) < 95 for count in (1, 2, 3))
    assert {one["max_leaf_nodes"] for one in found} == {7, None}
    assert [*found[0]] == [*SPACE]


@pytest.mark.parametrize(
    ("span", "at", "number"),
    [
        (Range(low=1, high=3), 3.999, 3),
        (Range(low=1, high=3), 4.0, 3),
        (Range(low=0.123456, high=1.0), 0.12346, 0.1235),
        (Range(low=0.123456, high=1.0), 0.12344, 0.123456),
        (Range(low=0.0, high=1.0), 0.1234567, 0.1235),
    ],
)
def test_numbers_are_whole_or_short_and_never_outside(
    span: Range, at: float, number: float
) -> None:
    assert trials.number_in(span, at) == number


def test_a_grid_has_each_combination_once(settings: Settings) -> None:
    held = {"max_iter": (1, 2), "max_leaf_nodes": (7, 15, 31)}
    found = trials.sampled("boosting", with_search(settings, method="grid", parameters=held))
    assert [*found] == [f"boosting-{at}" for at in range(1, 7)]
    assert {tuple(one.values()) for one in found.values()} == {
        (count, nodes) for count in (1, 2) for nodes in (7, 15, 31)
    }


def test_tasks_share_trials_beside_the_candidates(settings: Settings) -> None:
    searched = with_search(settings, trials=5, tasks=2)
    assert trials.fit_tasks(searched) == [
        *(["logistic"], ["boosting"], ["broken"]),
        ["boosting-1", "boosting-3", "boosting-5"],
        ["boosting-2", "boosting-4"],
    ]
    assert trials.names(searched)[3:] == [f"boosting-{at}" for at in range(1, 6)]
    assert trials.searched_candidate("boosting-5", searched) == "boosting"
    assert trials.searched_candidate("boosting-6", searched) is None


def test_a_chosen_trial_takes_the_place_of_its_candidate(settings: Settings) -> None:
    chosen = {"candidate": "boosting-3", "search": "boosting", "params": {"max_leaf_nodes": 9}}
    names = [one.name for one in trials.with_chosen(settings, chosen).candidates]
    assert names == ["logistic", "boosting-3", "broken"]
    assert trials.with_chosen(settings, chosen).candidates[1].params == {
        "max_iter": 30,
        "max_leaf_nodes": 9,
    }
    assert trials.with_chosen(settings, {"candidate": "logistic"}) is settings
