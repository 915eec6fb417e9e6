"""The shop's own model: what was clicked most is shown first."""

import numpy as np
import pandas as pd
import pytest
from problems.shop.models import Popularity

ROWS = pd.DataFrame({"item_id": ["a", "a", "a", "b", "c"]})
CLICKED = np.array([1, 1, 1, 1, 0])


def chances(model: Popularity, *items: str) -> list[float]:
    return model.predict_proba(pd.DataFrame({"item_id": items}))[:, 1].tolist()


def test_an_item_is_as_good_as_its_clicks_are_many_however_often_it_was_shown() -> None:
    a, b, c = chances(Popularity().fit(ROWS, CLICKED), "a", "b", "c")
    assert a / b == pytest.approx(min(0.9 / b, 2))
    assert b / c == pytest.approx(2)


def test_weighed_rows_count_as_if_all_items_had_been_shown_alike() -> None:
    weights = np.array([1, 1, 1, 3, 3]) * 5 / 9
    a, b, c = chances(Popularity().fit(ROWS, CLICKED, weights), "a", "b", "c")
    assert a == pytest.approx(b)
    assert c < b


def test_an_item_that_was_never_shown_has_the_mean() -> None:
    model = Popularity().fit(ROWS, CLICKED)
    assert chances(model, "z") == [pytest.approx(0.8)]
    assert model.predict(ROWS).tolist() == [1, 1, 1, 1, 0]
