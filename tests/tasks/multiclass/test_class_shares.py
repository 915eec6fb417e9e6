"""Shares of classes: the one furthest from its prediction is named, and chance seldom goes far."""

import numpy as np
import pandas as pd
import pytest

from shared.settings import Settings
from shared.tasks.multiclass.class_shares import group_shares
from shared.tasks.multiclass.multiclass_task import Multiclass

TASK = Multiclass(("cancelled", "late", "on time"))
CLASSES = ("cancelled", "late", "on time")


def test_the_bias_is_of_the_class_whose_share_is_furthest_from_its_prediction() -> None:
    chances = np.tile([0.2, 0.4, 0.4], (1_000, 1))
    target = np.repeat([0, 1, 2], [250, 300, 450])
    bias = TASK.bias(target, chances)
    assert (bias.of, bias.observed, bias.predicted) == ("late", 0.3, pytest.approx(0.4))
    strange = TASK.bias(np.append(target, [-1] * 60), np.vstack([chances, chances[:60]]))
    assert (strange.of, strange.predicted) == ("unknown classes", 0)


def test_a_bias_by_chance_is_rarely_beyond_three_errors_even_of_many_and_rare_classes() -> None:
    rng, beyond = np.random.default_rng(0), 0
    for classes in (3, 50):
        shares = np.geomspace(1, 0.001, classes)
        task = Multiclass(tuple(f"class {code}" for code in range(classes)))
        chances = np.tile(shares / shares.sum(), (500, 1))
        for _ in range(500):
            bias = task.bias(rng.choice(classes, 500, p=chances[0]), chances)
            beyond += abs(bias.observed - bias.predicted) > 3 * bias.error
    assert beyond <= 6


@pytest.fixture
def given_settings(settings: Settings) -> Settings:
    """Return settings of three classes."""
    return settings.model_copy(update={"kind": "multiclass", "target": "fate"})


def test_shares_are_those_of_the_group_and_unseen_groups_get_the_overall(
    given_settings: Settings,
) -> None:
    train = pd.DataFrame({"region": ["a"] * 1000 + ["b"] * 1000, "fate": [0] * 1000 + [2] * 1000})
    rows = pd.DataFrame({"region": ["a", "b", "c", None]})
    given = group_shares(train, rows, CLASSES, given_settings)
    expected = [[1, 0, 0], [0, 0, 1], [0.5, 0, 0.5], [0.5, 0, 0.5]]
    assert given == pytest.approx(np.array(expected), abs=0.02)
    assert given.sum(axis=1) == pytest.approx(1)
    assert (given > 0).all()
    alone = group_shares(train, rows, CLASSES, given_settings.model_copy(update={"baseline": ()}))
    assert alone == pytest.approx(np.tile([0.5, 0, 0.5], (4, 1)), abs=0.001)


def test_a_small_group_is_pulled_towards_the_overall_shares(given_settings: Settings) -> None:
    train = pd.DataFrame({"region": ["a"] * 1000 + ["b"] * 2, "fate": [0] * 1000 + [2] * 2})
    given = group_shares(train, pd.DataFrame({"region": ["b"]}), CLASSES, given_settings)
    assert 0.05 < given[0, 2] < 0.15


@pytest.mark.parametrize("name", ["rows", "region", "0"])
def test_a_class_may_be_called_as_a_column_is(given_settings: Settings, name: str) -> None:
    train = pd.DataFrame({"region": ["a"] * 1000 + ["b"] * 1000, "fate": [0] * 1000 + [2] * 1000})
    rows = pd.DataFrame({"region": ["a", "b"]})
    plain = group_shares(train, rows, CLASSES, given_settings)
    assert (group_shares(train, rows, (name, *CLASSES[1:]), given_settings) == plain).all()
