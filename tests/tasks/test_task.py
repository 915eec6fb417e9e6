"""What tasks have in common: scores as one array."""

import numpy as np

from shared.tasks.task import stacked


def test_one_column_of_scores_is_by_itself_and_several_are_side_by_side() -> None:
    columns = {"low": np.array([1.0, 2.0]), "high": np.array([3.0, 4.0])}
    assert stacked(columns, ["high"]).tolist() == [3, 4]
    assert stacked(columns, ["low", "high"]).tolist() == [[1, 3], [2, 4]]
