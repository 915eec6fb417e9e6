"""What tasks have in common: scores as one array, and what each answer cost."""

import numpy as np

from shared.tasks.binary import Binary
from shared.tasks.multiclass import Multiclass
from shared.tasks.regression import Regression
from shared.tasks.task import stacked


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
