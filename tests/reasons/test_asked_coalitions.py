"""Of few features a model is asked about every coalition."""

import numpy as np
import pandas as pd
import pytest

from shared.reasons.asked_coalitions import AskedCoalitions
from tests.reasons.brute_force import contributions, people

ROWS, _ = people()


def scored(rows: pd.DataFrame) -> np.ndarray:
    """Return two scores of rows, in which all features work together."""
    south = (rows["region"] == "south").to_numpy()
    found = rows["income"].fillna(7).to_numpy() * south + rows["age"] ** 2 * rows["employed"]
    return np.stack([np.zeros(len(rows)), found], axis=1)


@pytest.mark.parametrize("at", range(3))
def test_contributions_are_those_of_every_order(at: int) -> None:
    row = ROWS.iloc[[at]]
    found = AskedCoalitions(ROWS, scored)(row, 1, 60)
    assert found
    base, amounts = contributions(row, ROWS, scored, 1)
    assert found.base == pytest.approx(base)
    assert found.amounts == pytest.approx(amounts)


def test_a_value_that_all_others_have_is_no_player() -> None:
    many = pd.DataFrame(np.random.default_rng(1).random((50, 9)), columns=[*"abcdefghi"])
    row = many.iloc[[0]]

    def summed(rows: pd.DataFrame) -> np.ndarray:
        return rows.prod(axis=1).to_numpy()[:, None]

    assert AskedCoalitions(many, summed)(row, 0, 60) is None
    alike = many.assign(a=np.nan, b=2.0, c=3.0)
    found = AskedCoalitions(alike, summed)(alike.iloc[[0]], 0, 60)
    assert found
    assert found.amounts[:3].tolist() == [0, 0, 0]
    assert np.count_nonzero(found.amounts) == 6
