"""Slates: rows of an id with places from the first on are told, and nothing else is."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from shared.kinds import Kind
from shared.starting.guessing.slates import slate_words
from shared.starting.guessing.targets import Target

VISITS = 60
COLUMNS: dict[str, Any] = {
    "visit": np.repeat([f"v{at}" for at in range(VISITS)], 4),
    "spot": np.tile([1, 2, 3, 4], VISITS),
    "item": np.tile(["a", "b", "c", "d", "e"], VISITS * 4 // 5),
    "clicked": np.tile([0, 1, 0, 0, 0, 0], VISITS * 4 // 6),
}


def words(kind: Kind = "binary", **columns: Any) -> list[str]:
    look: Any = SimpleNamespace(sample=pa.table(COLUMNS | columns))
    return slate_words(look, Target("clicked", kind, "two values"))


def test_impressions_are_said_to_look_like_slates() -> None:
    assert words() == [
        'rows of one visit have places by spot, as slates have: kind = "ranking" learns what is '
        "clicked where, and docs/ranking.md says how; as binary, spot is known only once a slate "
        "was shown"
    ]


@pytest.mark.parametrize("spot", [np.tile([1, 1, 2, 3], VISITS), np.tile([2, 3, 4, 5], VISITS)])
def test_numbers_that_are_no_places_say_nothing(spot: np.ndarray) -> None:
    assert words(spot=spot) == []


def test_months_of_a_customer_are_no_slates() -> None:
    columns = {"customer": COLUMNS["visit"], "month": COLUMNS["spot"], "paid": COLUMNS["clicked"]}
    look: Any = SimpleNamespace(sample=pa.table(columns))
    assert slate_words(look, Target("paid", "binary", "two values")) == []


def test_rows_alone_and_other_targets_say_nothing() -> None:
    assert words(visit=np.arange(VISITS * 4)) == []
    assert words(clicked=np.arange(VISITS * 4) % 3) == []
