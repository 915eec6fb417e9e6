"""The curves of several models stand in one picture, a line for each."""

import numpy as np
import pytest

from shared.kinds import Kind as KindName
from shared.schema.inference import infer_contract
from shared.tasks.choice import task_of
from shared.tasks.task import Task
from tests.kinds import BINARY, MULTICLASS, REGRESSION, Kind


def lines_named(kind: Kind, *names: str) -> list[list[str]]:
    """Return the legends of the axes, of models that answer by chance."""
    claims, rng = kind.claims(400, seed=1), np.random.default_rng(0)
    task: Task = task_of(infer_contract(claims, kind.settings()))
    target = task.encode(claims[kind.target]).to_numpy()
    made = {}
    for name in names:
        measured, rule = answers_by_chance(task, target, rng)
        made[name] = task.diagnose(target, measured, rule, np.arange(400.0))
    figure = task.curves(made)
    figure.draw_without_rendering()
    legends = [axes.get_legend() for axes in figure.axes] + figure.legends
    return [[text.get_text() for text in one.get_texts()] for one in legends if one]


def answers_by_chance(task: Task, target: np.ndarray, rng: np.random.Generator) -> tuple:
    from shared.tasks.binary.binary_task import Threshold
    from shared.tasks.multiclass.multiclass_rules import MostProbable
    from shared.tasks.regression.regression_task import Point

    kind: KindName = task.kind
    if kind == "binary":
        return rng.random(len(target)), Threshold(threshold=0.5)
    if kind == "regression":
        return target + rng.normal(size=len(target)), Point()
    chances = rng.random((len(target), 4))
    return chances / chances.sum(axis=1, keepdims=True), MostProbable()


@pytest.mark.parametrize("kind", [BINARY, REGRESSION, MULTICLASS], ids=lambda kind: kind.name)
def test_each_model_has_its_line_by_its_name(kind: Kind) -> None:
    assert lines_named(kind, "A", "B", "C") == [["A", "B", "C"]]


@pytest.mark.parametrize("kind", [BINARY, REGRESSION, MULTICLASS], ids=lambda kind: kind.name)
def test_one_model_can_stand_alone(kind: Kind) -> None:
    assert lines_named(kind, "A") == [["A"]]
