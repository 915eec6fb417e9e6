"""What tasks have in common: scores as one array, and the error of a bias."""

import numpy as np

from shared.tasks.task import Bias, stacked


def test_one_column_of_scores_is_by_itself_and_several_are_side_by_side() -> None:
    columns = {"low": np.array([1.0, 2.0]), "high": np.array([3.0, 4.0])}
    assert stacked(columns, ["high"]).tolist() == [3, 4]
    assert stacked(columns, ["low", "high"]).tolist() == [[1, 3], [2, 4]]


def test_the_error_of_a_bias_is_that_of_a_mean() -> None:
    assert Bias(0.5, 0.4, rows=100, variances=25.0).error == 0.05
