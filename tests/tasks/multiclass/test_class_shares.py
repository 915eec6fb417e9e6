"""Shares of classes: the one furthest from its prediction is named, and chance seldom goes far."""

import numpy as np
import pytest

from shared.tasks.multiclass.multiclass_task import Multiclass

TASK = Multiclass(("cancelled", "late", "on time"))


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
