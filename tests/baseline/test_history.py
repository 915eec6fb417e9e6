"""A history in cells: every row with a time is in one, whatever order the rows come in."""

import numpy as np
import pandas as pd
import pytest

from shared.baseline.history import History, history_in_cells
from shared.profiles import gram
from shared.profiles.counter import Counter
from shared.schema import arrow
from tests.profiles.sales import CONTRACT, sales


@pytest.fixture(scope="module")
def history() -> History:
    return history_in_cells(arrow.table(sales(4_000)), CONTRACT)


def test_the_cells_add_up_to_the_table(history: History) -> None:
    whole = Counter(history.plan).count(arrow.table(sales(4_000))).counts
    assert whole.keys() - history.total.keys() == {"answers", "held gram", "own gram"}
    for name in whole.keys() & history.total.keys():
        assert (history.total[name] == whole[name]).all(), name


def test_a_cell_has_the_rows_from_its_edge_to_the_next(history: History) -> None:
    expected, _ = np.histogram(history.moments, history.edges)
    assert np.diff(history.running["rows"]).tolist() == expected.tolist()


def test_the_order_of_rows_does_not_matter_and_those_without_a_time_are_left_out(
    history: History,
) -> None:
    lost = sales(50, seed=1).assign(at=pd.NaT)
    rows = pd.concat([sales(4_000).astype({"at": object}), lost.astype({"at": object})])
    mixed = rows.sample(frac=1, random_state=0)
    again = history_in_cells(
        arrow.table(mixed.assign(at=pd.to_datetime(mixed["at"], utc=True))), CONTRACT
    )
    assert (again.moments == history.moments).all()
    assert again.running["rows"].tolist() == history.running["rows"].tolist()


def test_rows_that_repeat_are_a_share_of_all() -> None:
    rows = sales(2_000)
    twice = pd.concat([rows, rows.head(500)])
    assert history_in_cells(arrow.table(twice), CONTRACT).repeated == pytest.approx(0.2)


def test_the_spread_is_the_deviation_of_squared_residuals(history: History) -> None:
    luck = sales(4_000)["luck"]
    squares = ((luck - luck.mean()) / luck.std()) ** 2
    # Nothing predicts it, so that its residual is the standard score itself.
    assert history.residual_spread()["luck"] == pytest.approx(squares.std(), rel=0.25)
    assert history.residual_spread().keys() == {*history.plan.names, gram.HOUR}
