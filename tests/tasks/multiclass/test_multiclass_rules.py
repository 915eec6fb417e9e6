"""Rules of several classes: what costs make of probabilities, and how rules are kept."""

import numpy as np
import pytest
from pydantic import TypeAdapter

from shared.errors import Refusal
from shared.tasks.binary.binary_task import Threshold
from shared.tasks.choice import AnyRule
from shared.tasks.multiclass.multiclass_rules import LeastCost, MostProbable, decided, of_costs

CLASSES = ("cancelled", "late", "on time")
CHANCES = np.array([[0.1, 0.3, 0.6], [0.2, 0.5, 0.3], [np.nan] * 3])


def test_costs_that_are_left_out_are_1_and_a_right_answer_costs_nothing() -> None:
    rule = of_costs({"cancelled": {"on time": 50.0}}, CLASSES)
    assert rule == LeastCost(costs=((0, 1, 50), (1, 0, 1), (1, 1, 0)))
    assert decided(CHANCES, rule).tolist() == [1, 1, -1]


def test_without_costs_the_most_probable_class_is_answered() -> None:
    assert of_costs({}, CLASSES) == MostProbable()
    assert decided(CHANCES, MostProbable()).tolist() == [2, 1, -1]
    assert decided(CHANCES[:0], MostProbable()).tolist() == []


def test_costs_of_a_class_that_is_not_there_are_refused() -> None:
    with pytest.raises(Refusal, match="did you mean 'cancelled'"):
        of_costs({"canceled": {"late": 2.0}}, CLASSES)


@pytest.mark.parametrize(
    "rule", [Threshold(threshold=0.5), MostProbable(), LeastCost(costs=((0.0, 1.0), (2.0, 0.0)))]
)
def test_rules_are_kept_and_read_as_what_they_are(rule: AnyRule) -> None:
    read = TypeAdapter(AnyRule).validate_json(rule.model_dump_json())
    assert read == rule
    assert type(read) is type(rule)
