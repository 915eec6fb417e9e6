"""The shop: real items and users, and impressions whose clicks are simulated."""

import numpy as np
import pytest
from problems.shop import source

from shared import FLOWS, problems


def test_items_and_users_are_of_the_sample() -> None:
    items, users = source.items(), source.users()
    assert len(items) == 80
    assert items["item_id"].tolist()[:2] == ["i00", "i01"]
    assert (items["item_a"].nunique(), items["item_b"].nunique()) == (12, 7)
    assert (len(users), users["user_id"].nunique()) == (1_000, 1_000)
    assert {*users["user_b"]} == {f"b{number}" for number in range(4)}


def test_the_table_has_slates_of_three_in_which_some_items_were_promoted() -> None:
    table = source.table()
    assert len(table) == 18_000
    assert table["impression_id"].is_unique
    assert table["shown"].is_monotonic_increasing
    assert (table.groupby("slate_id")["item_id"].nunique() == 3).all()
    assert (table.groupby("slate_id")["user_id"].nunique() == 1).all()
    shown = table["item_id"].value_counts()
    assert shown.iloc[7] > 4 * shown.iloc[8]
    assert 0.03 < table["clicked"].mean() < 0.06


def test_the_tables_propensities_are_how_often_items_are_shown() -> None:
    table = source.table()
    first = table[table["position"] == 1]
    shown = first["item_id"].value_counts(normalize=True)
    chance = first.groupby("item_id")["propensity"].first()
    assert chance.sum() == pytest.approx(1)
    assert shown.reindex(chance.index).to_numpy() == pytest.approx(chance.to_numpy(), abs=0.015)


def test_promoted_items_are_no_better_than_others() -> None:
    table, shop = source.table(), source.shop()
    promoted = table["item_id"].value_counts().index[: source.PROMOTED].str[1:].astype(int)
    merit = shop.chances.mean(axis=0)
    assert merit[promoted].max() < np.sort(merit)[-3]


def test_first_places_are_clicked_more_and_the_same_seed_clicks_the_same() -> None:
    numbers = np.arange(80)
    shown = np.repeat([[1], [3]], 80, axis=1)
    chances = [
        np.mean(
            [source.clicks(numbers, numbers, at, np.random.default_rng(seed)) for seed in range(99)]
        )
        for at in shown
    ]
    assert chances[0] > 1.7 * chances[1]


def test_its_settings_find_its_items_and_its_own_model() -> None:
    settings = problems.load_problem(str(FLOWS / "problems" / "shop"))
    assert settings.ranking
    assert settings.candidates[0].estimator.endswith("models.Popularity")
    assert settings.ranking.items == "problems.shop.source:items"
