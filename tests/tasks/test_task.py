"""What tasks have in common: scores as one array, and what each answer cost."""

import numpy as np
import pytest

from shared.sections.answers import Slates
from shared.tasks.binary.binary_task import Binary
from shared.tasks.multiclass.multiclass_task import Multiclass
from shared.tasks.ranking.ranking_task import Ranking
from shared.tasks.regression.regression_task import Regression
from shared.tasks.task import Task, stacked


def test_one_column_of_scores_is_by_itself_and_several_are_side_by_side() -> None:
    columns = {"low": np.array([1.0, 2.0]), "high": np.array([3.0, 4.0])}
    assert stacked(columns, ["high"]).tolist() == [3, 4]
    assert stacked(columns, ["low", "high"]).tolist() == [[1, 3], [2, 4]]


def test_what_each_answer_cost_is_how_far_its_outcome_is() -> None:
    target = np.array([1.0, 0.0])
    assert Binary().losses(target, np.array([0.75, 0.5])).tolist() == [0.25, 0.5]
    assert Regression().losses(target, np.array([3.0, -1.0])).tolist() == [2, 1]
    # A class that nobody learnt has no probability.
    chances = np.array([[0.25, 0.75], [0.5, 0.5]])
    assert Multiclass(("a", "b")).losses(np.array([1.0, -1.0]), chances).tolist() == [0.25, 1]


@pytest.mark.parametrize(
    "task",
    [
        Binary(),
        Regression(coverage=0.9),
        Multiclass(("a", "b", "c")),
        Ranking(slates=Slates(user="user", item="item", slate="slate")),
    ],
    ids=lambda task: task.kind,
)
def test_slices_are_measured_as_the_whole_is_by_what_they_are_held_to_alone(task: Task) -> None:
    random = np.random.default_rng(1)
    chances = random.dirichlet(np.ones(3), 300)
    measured = {
        "binary": chances[:, 0],
        "regression": np.c_[chances[:, 0], chances[:, 0] - 0.5, chances[:, 0] + 0.5],
        "multiclass": chances,
        "ranking": np.c_[chances[:, 0], random.integers(0, (9, 60, 20), (300, 3))],
    }[task.kind]
    target = random.integers(0, 3 if task.kind == "multiclass" else 2, 300).astype("float64")
    given = target, measured, random.poisson(1.0, (5, 300)).astype("float64"), np.ones(300)
    whole, part = task.measure(*given), task.measure_of_slices(*given)
    assert [*part] == [*task.judged_in_slices]
    for name, values in part.items():
        np.testing.assert_array_equal(values, whole[name])
