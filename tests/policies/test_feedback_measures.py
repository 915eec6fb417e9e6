"""What one window shows of a model's influence on its own data."""

from dataclasses import replace

import numpy as np
import pytest

from shared.policies import feedback_measures
from shared.policies.feedback_measures import click_ratio, pooled
from shared.policies.impressions import Impressions

ITEMS, PLACES = 20, (1.0, 0.6, 0.4)


def window(
    *, favourite: float = 0.9, true: float = 1.0, said: float = 1.0, rows: int = 30_000
) -> Impressions:
    """Return rows in which item 0 is the model's at the first position, but for exploration.

    Its clicks are `true` times those of others at equal positions, and the model says `said` times.
    """
    random = np.random.default_rng(3)
    position = random.integers(1, 4, rows)
    model = (position == 1) & (random.random(rows) < favourite)
    item = np.where(model, 0, random.integers(ITEMS, size=rows))
    chosen = np.where(position == 1, favourite, 0) * (item == 0)
    even = 1 / (ITEMS - position + 1)
    explores = np.where(position == 1, 1 - favourite, 1.0)
    chance = 0.1 * np.array(PLACES)[position - 1] * np.where(item == 0, true, 1)
    return Impressions(
        user=random.integers(500, size=rows),
        item=item,
        slate=np.arange(rows),
        position=position,
        candidates=np.full(rows, ITEMS),
        propensity=chosen + explores * even,
        clicked=(random.random(rows) < chance).astype("float64"),
        probability=0.07 * np.where(item == 0, said, 1),
        policy=np.where(random.random(rows) < 0.5, "old", "new"),
    )


def test_favourites_and_explored_rows_are_compared_by_what_the_model_says() -> None:
    right = feedback_measures.measure(window(true=2, said=2), "a1").measured
    wrong = feedback_measures.measure(window(true=1, said=3), "a1").measured
    for name in ("favourites", "explored"):
        value, error = right[name]
        assert 0.02 < error < 0.15
        assert abs(value) < 3 * error
        assert wrong[name][0] == pytest.approx(-np.log(3), abs=3 * wrong[name][1])


def test_positions_are_what_a_favourite_owes_to_its_place_unless_rows_are_weighed() -> None:
    rows = window()
    plain = feedback_measures.measure(rows, "a1").measured["positions"]
    assert plain[0] > 5 * plain[1]
    weighed = feedback_measures.measure(rows, "a1", rows.even).measured["positions"]
    assert abs(weighed[0]) < 3 * weighed[1]


def test_the_share_that_each_policy_decided_is_the_distance_from_an_even_choice() -> None:
    found = feedback_measures.measure(window(), "a1")
    assert set(found.decided) == {"new", "old"}
    # Of a third of the rows, nine tenths of what an even choice would give to others.
    assert found.decided_share == pytest.approx(0.9 * (1 - 1 / ITEMS) / 3, abs=0.01)
    assert (found.items, found.half) == (ITEMS, 6)


def test_rows_without_a_propensity_count_as_decided() -> None:
    rows = replace(window(rows=300), propensity=np.full(300, np.nan))
    found = feedback_measures.measure(rows, "a1")
    assert found.decided_share == pytest.approx(1)
    assert "explored" not in found.measured


def test_variety_is_a_number_of_items_over_users_and_to_each() -> None:
    random = np.random.default_rng(4)
    user = np.repeat(np.arange(200), 30)
    # Each user is shown four of twenty, and all users all.
    item = (user + 5 * random.integers(4, size=len(user))) % ITEMS
    rows = replace(window(rows=len(user)), user=user, item=item)
    found = feedback_measures.measure(rows, "a1").measured
    assert np.exp(found["variety"][0]) == pytest.approx(20, rel=0.02)
    assert np.exp(found["variety of each user"][0]) == pytest.approx(4, rel=0.02)
    assert found["variety of each user"][1] < 0.01


def test_nothing_is_said_of_few_clicks_or_without_a_model() -> None:
    few = feedback_measures.measure(window(rows=60), "a1").measured
    assert "favourites" not in few
    rows = window()
    without = replace(rows, probability=np.full(len(rows.item), np.nan))
    found = feedback_measures.measure(without, "a1").measured
    assert set(found) == {"positions", "variety", "variety of each user"}


def test_the_error_is_that_of_repeated_windows() -> None:
    random = np.random.default_rng(6)
    found = []
    for _ in range(60):
        rows = window(rows=8_000)
        chance = 0.1 * np.array(PLACES)[rows.position - 1]
        clicked = (random.random(len(chance)) < chance).astype("float64")
        again = feedback_measures.measure(replace(rows, clicked=clicked), "a1")
        found.append(again.measured["favourites"])
    values, errors = np.array(found).T
    assert values.std(ddof=1) == pytest.approx(np.sqrt((errors**2).mean()), rel=0.3)


def test_the_ratio_is_mantel_and_haenszels() -> None:
    # Outside 4 clicks of 40 rows and 2 of 50, inside 9 of 60 and 1 of 10.
    clicks = np.array([[4.0, 2.0], [9.0, 1.0]])
    rows = np.array([[40.0, 50.0], [60.0, 10.0]])
    by_hand = (9 * 40 / 100 + 1 * 50 / 60) / (4 * 60 / 100 + 2 * 10 / 60)
    assert click_ratio(clicks, rows) == pytest.approx(np.log(by_hand))


def test_what_stands_at_better_positions_is_no_better_for_it() -> None:
    rows = np.array([[10.0, 90.0], [900.0, 100.0]])
    clicks = rows * np.array([0.1, 0.01])
    assert click_ratio(clicks, rows) == pytest.approx(0)
    assert np.exp(click_ratio(pooled(clicks), pooled(rows))) == pytest.approx(0.091 / 0.019)


def test_a_group_without_clicks_or_rows_has_no_ratio() -> None:
    rows = np.array([[10.0], [20.0]])
    assert np.isnan(click_ratio(np.array([[0.0], [3.0]]), rows))
    assert np.isnan(click_ratio(np.array([[3.0], [0.0]]), np.array([[10.0], [0.0]])))


def test_many_are_compared_at_once() -> None:
    clicks, rows = np.array([[4.0, 2.0], [9.0, 1.0]]), np.array([[40.0, 50.0], [60.0, 10.0]])
    both = click_ratio(np.stack([clicks, clicks[::-1]]), np.stack([rows, rows[::-1]]))
    assert both.shape == (2,)
    assert both[1] == pytest.approx(-both[0])
