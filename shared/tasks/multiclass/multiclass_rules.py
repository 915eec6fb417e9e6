"""How a class is chosen by the probabilities of all: the most probable one, or by costs."""

from collections.abc import Mapping
from typing import Literal

import numpy as np

from shared.tasks.multiclass.classes import refuse_costs
from shared.tasks.task import Rule


class MostProbable(Rule):
    """The class with the highest probability is answered."""

    decide: Literal["most probable"] = "most probable"


class LeastCost(Rule):
    """The class is answered whose expected cost is the least.

    `costs` are by true class, then answered class, in the order of the task's classes.
    """

    decide: Literal["least cost"] = "least cost"
    costs: tuple[tuple[float, ...], ...]


def of_costs(
    costs: Mapping[str, Mapping[str, float]] | None, classes: tuple[str, ...]
) -> MostProbable | LeastCost:
    """Return the rule of costs by true class, then answered class; without any, the most probable.

    What the costs leave out costs 1, and a right answer nothing. Raises `Refusal` where they name
    a class that the target does not have.
    """
    if not costs:
        return MostProbable()
    refuse_costs(costs, classes)
    every = [
        [costs.get(true, {}).get(answer, float(true != answer)) for answer in classes]
        for true in classes
    ]
    return LeastCost(costs=tuple(map(tuple, every)))


def decided(scores: np.ndarray, rule: Rule) -> np.ndarray:
    """Return the codes of the classes that a rule answers, int64; -1 where a score is NaN."""
    if not len(scores):
        return np.empty(0, dtype="int64")
    found = np.argmax(scores, axis=1)
    if isinstance(rule, LeastCost):
        # By numpy's own loops: a product of matrices hangs on its threads.
        expected = np.einsum("rt,ta->ra", scores, np.array(rule.costs))
        found = np.argmin(expected, axis=1)
    return np.where(np.isnan(scores).any(axis=1), -1, found)
