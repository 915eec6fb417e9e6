"""Slates of several requests at once are scored together and chosen each by itself."""

from collections import Counter
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from shared.policies.exploration import choose
from shared.schema.columns import Columns
from shared.sections.answers import Explore
from shared.serving.routes.slate_request import REQUESTS, SlateRequest
from shared.serving.routes.slates import SlateScorer, policy_name

NOW = datetime(2024, 5, 1, tzinfo=UTC)
CONTRACT = SimpleNamespace(key="id", time="at", features=("age", "item", "price"))
CONTRACT.ranking = SimpleNamespace(item="item")


class Cheapest:
    """Stands for a predictor: an item is the better the less it costs, and the older who asks."""

    def __init__(self) -> None:
        self.bundle = SimpleNamespace(contract=CONTRACT)
        self.calls: list[int] = []

    def scores(self, asked: Columns) -> np.ndarray:
        self.calls.append(len(asked["item"]))
        return np.array(asked["age"]) / 100 / np.array(asked["price"])

    def answered(self, asked: Columns, scores: np.ndarray, spent_ms: float) -> Columns:
        return asked | {"probability": scores.tolist()}


def request(slate: str, k: int, prices: list[float], age: int = 50) -> SlateRequest:
    items = [f"i{at}" for at in range(len(prices))]
    return SlateRequest(slate, k, NOW, {"age": age}, {"item": items, "price": prices})


def scored(predictor: Any, explore: Explore, *requests: SlateRequest, seed: int = 0) -> Columns:
    scorer = SlateScorer(predictor, explore, random=np.random.default_rng(seed))
    return scorer.score({REQUESTS: list(requests)})


def test_each_slate_has_its_best_from_the_first_place_down() -> None:
    predictor = Cheapest()
    asked = request("a", 2, [4.0, 1.0, 2.0]), request("b", 1, [8.0, 4.0], age=40)
    found = scored(predictor, Explore(), *asked)
    assert predictor.calls == [5]
    assert found == {
        "id": ["a:1", "a:2", "b:1"],
        "at": [NOW] * 3,
        "slate": ["a", "a", "b"],
        "position": [1, 2, 1],
        "propensity": [1, 1, 1],
        "policy": ["best"] * 3,
        "candidates": [3, 3, 2],
        "candidate_set": [
            '{"item":["i0","i1","i2"],"price":[4.0,1.0,2.0]}',
            None,
            '{"item":["i0","i1"],"price":[8.0,4.0]}',
        ],
        "age": [50, 50, 40],
        "item": ["i1", "i2", "i1"],
        "price": [1, 2, 4],
        "probability": [0.5, 0.25, 0.1],
    }


def test_of_no_requests_there_is_nothing() -> None:
    predictor = Cheapest()
    found = scored(predictor, Explore())
    assert predictor.calls == []
    assert {name: len(values) for name, values in found.items()} == dict.fromkeys(found, 0)


@pytest.mark.parametrize("by", ["epsilon", "softmax", "thompson"])
def test_what_is_logged_is_what_the_policy_chose(by: str) -> None:
    explore, prices = Explore(by=by, share=0.5), [1.0, 2.0, 3.0, 4.0]
    found = scored(Cheapest(), explore, request("a", 3, prices), seed=4)
    wanted = choose(0.5 / np.array(prices), 3, explore, np.random.default_rng(4))
    assert found["item"] == [f"i{at}" for at in wanted.positions]
    assert found["propensity"] == wanted.propensities.tolist()


def test_an_item_comes_first_as_often_as_its_propensity_says() -> None:
    explore, prices = Explore(by="epsilon", share=0.4), [1.0, 2.0, 3.0, 4.0]
    found = scored(Cheapest(), explore, *[request(str(at), 1, prices) for at in range(4_000)])
    shown = Counter(zip(found["item"], found["propensity"], strict=True))
    assert len(shown) == 4
    for (_, propensity), count in shown.items():
        assert count / 4_000 == pytest.approx(propensity, abs=0.03)


def test_policies_have_names_that_say_how_much() -> None:
    sections = [Explore(), Explore(by="epsilon"), Explore(by="softmax"), Explore(by="thompson")]
    assert [*map(policy_name, sections)] == ["best", "epsilon 0.1", "softmax 1.0", "thompson"]
