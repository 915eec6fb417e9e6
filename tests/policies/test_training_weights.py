"""How much rows count when a model learns from them."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from shared.errors import Refusal
from shared.policies.training_weights import inverse_propensity, row_weights
from shared.sections.answers import Action
from shared.sections.training import Train
from shared.settings import Settings
from tests.tasks.impressions import impressions, shelf

WEIGHED = Train(weights="inverse_propensity", clip=30)


def test_items_count_as_if_all_had_been_shown_alike() -> None:
    random, chances = np.random.default_rng(1), np.array([0.7, 0.2, 0.1])
    item = random.choice(3, size=30_000, p=chances)
    weights = inverse_propensity(chances[item], clip=100)
    assert weights.mean() == pytest.approx(1)
    assert np.bincount(item, weights) / len(item) == pytest.approx([1 / 3] * 3, abs=0.01)


def test_no_weight_is_larger_than_so_many_times_the_mean() -> None:
    propensity = np.array([0.9] * 98 + [0.001] * 2)
    mean = (1 / propensity).mean()
    clipped = np.minimum(1 / propensity / mean, 5)
    assert inverse_propensity(propensity, 5) == pytest.approx(clipped / clipped.mean())


def test_a_row_without_a_propensity_weighs_as_the_mean() -> None:
    weights = inverse_propensity(np.array([0.5, 0.25, np.nan]), clip=10)
    assert weights == pytest.approx([2 / 3, 4 / 3, 1])


@pytest.mark.parametrize("chance", [0.0, -0.1, 1.5])
def test_what_is_no_chance_is_refused(chance: float) -> None:
    with pytest.raises(Refusal, match=f"a propensity of {chance:g}: what was shown had a chance"):
        inverse_propensity(np.array([0.5, chance]), 10)


def test_rows_without_any_propensity_are_refused() -> None:
    with pytest.raises(Refusal, match="no row has a propensity; learn from rows that were served"):
        inverse_propensity(np.array([np.nan, np.nan]), 10)


@pytest.fixture
def weighed(tmp_path: Path) -> Settings:
    return shelf(tmp_path).model_copy(update={"train": WEIGHED})


def test_rows_count_by_the_chance_that_they_had(weighed: Settings) -> None:
    rows = impressions(40)
    rows["propensity"] = np.where(rows["place"] == 1, 0.9, 0.3)
    weights = row_weights(rows, weighed)
    assert weights is not None
    assert weights.mean() == pytest.approx(1)
    assert weights[1] / weights[0] == pytest.approx(3)


def test_rows_count_alike_unless_the_settings_say(tmp_path: Path) -> None:
    assert row_weights(impressions(10), shelf(tmp_path)) is None


def test_a_table_without_propensities_is_refused(weighed: Settings) -> None:
    with pytest.raises(Refusal, match="no row has a propensity"):
        row_weights(impressions(10).drop(columns="propensity"), weighed)


def test_what_is_hardly_ever_seen_counts_for_what_is_not(settings: Settings) -> None:
    acting = settings.model_copy(update={"action": Action(let_through=0.1), "train": WEIGHED})
    rows = pd.DataFrame({"propensity": [1.0, 0.1, np.nan, None]})
    weights = row_weights(rows, acting)
    assert weights is not None
    # Those without a propensity were seen whatever was answered.
    assert weights == pytest.approx(np.array([1, 10, 1, 1]) * 4 / 13)
    assert row_weights(rows[[]], acting) == pytest.approx(np.ones(4))
    assert row_weights(rows, settings) is None


@pytest.fixture
def by_amount(settings: Settings) -> Settings:
    return settings.model_copy(update={"train": Train(weigh_by="amount")})


def test_rows_count_by_a_column_and_one_without_as_the_mean(by_amount: Settings) -> None:
    weights = row_weights(pd.DataFrame({"amount": [100, 300, None, 0]}), by_amount)
    assert weights is not None
    assert weights == pytest.approx([0.75, 2.25, 1, 0])


@pytest.mark.parametrize("amounts", [[0.0, 0.0], [np.nan, np.nan]])
def test_rows_of_which_none_counts_are_refused(by_amount: Settings, amounts: list[float]) -> None:
    with pytest.raises(Refusal, match="weigh_by: of 2 rows none has more than 0 in 'amount'"):
        row_weights(pd.DataFrame({"amount": amounts}), by_amount)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"train": {"weigh_by": "age"}}, "names 'age', which is key, time, target or a feature"),
        ({"train": {"weigh_by": "loan"}}, "names 'loan', which is key, time, target or a feature"),
        ({"train": {"weigh_by": ""}}, "at least 1 character"),
        (
            {"train": {"weigh_by": "amount"}, "action": {"let_through": 0.1}},
            "leave weigh_by out",
        ),
        ({"train": {"weights": "inverse_propensity"}}, "by a column: weigh_by"),
    ],
)
def test_weights_that_nothing_tells_are_refused(
    settings: Settings, given: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValidationError, match=words):
        Settings.model_validate(settings.model_dump() | given)
