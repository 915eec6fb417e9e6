"""The shop's declared simulation: what is true of it, and what models make of it."""

import numpy as np
import pytest
from problems.shop.simulation import Rules, learn, open_shop, windows

EVEN = Rules("even")


@pytest.mark.parametrize("rules", [EVEN, Rules(share=0.3), Rules(share=0.1, temperature=0.3)])
def test_propensities_are_how_often_items_are_shown(rules: Rules) -> None:
    random = np.random.default_rng(1)
    (window,) = windows(open_shop(random, items=6, segments=2), [rules], random, 20_000)
    rows = window.rows
    # Weighed by an even choice over the policy's, all items are shown alike at the first position.
    first = rows.position == 1
    even = np.bincount(rows.item[first], rows.even[first]) / first.sum()
    assert even == pytest.approx([1 / 6] * 6, abs=0.015)
    assert rows.even[~first].mean() == pytest.approx(1, abs=0.02)
    slates = rows.item.reshape(-1, 3)
    assert all(len({*slate}) == 3 for slate in slates[:200].tolist())


def test_a_window_is_worth_its_clicks() -> None:
    random = np.random.default_rng(2)
    found = list(windows(open_shop(random), [Rules("nothing")] * 3, random))
    clicks = np.concatenate([window.rows.clicked for window in found])
    assert np.mean([window.value for window in found]) == pytest.approx(clicks.mean(), rel=0.05)
    assert found[0].best == found[2].best > found[0].value


def test_the_same_seed_makes_the_same_shop_and_clicks() -> None:
    def clicks() -> list[float]:
        random = np.random.default_rng(7)
        run = windows(open_shop(random), [Rules(temperature=0.5)] * 2, random, 300)
        return [float(window.rows.clicked.sum()) for window in run]

    assert clicks() == clicks()


@pytest.mark.parametrize("model", ["rates", "popularity"])
def test_a_model_learns_which_items_are_clicked_from_even_choices(model: str) -> None:
    random = np.random.default_rng(3)
    shop = open_shop(random)
    rules = Rules("nothing", model="rates" if model == "rates" else "popularity")
    (even,) = windows(shop, [EVEN], random, 60_000)
    scores = learn([even.rows], shop, rules, random)
    assert scores.mean() == pytest.approx(even.rows.clicked.mean(), rel=0.05)
    assert np.corrcoef(scores.mean(axis=0), shop.chances.mean(axis=0))[0, 1] > 0.95


def test_a_model_that_counts_clicks_closes_in_unless_rows_are_weighed() -> None:
    def last(rules: Rules) -> tuple[float, float]:
        random = np.random.default_rng(4)
        *_, window = windows(open_shop(random), [rules] * 6, random)
        return window.rows.probability.mean(), window.rows.clicked.mean()

    said, clicked = last(Rules())
    assert said > 4 * clicked
    said, clicked = last(Rules(clip=30))
    assert said == pytest.approx(clicked, rel=0.4)
