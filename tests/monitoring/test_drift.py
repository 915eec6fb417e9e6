"""Distances from the reference: right beside scipy, and defined for every odd column."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.spatial import distance

from shared.data import profile
from shared.data.contract import Contract, ContractColumn
from shared.monitoring import drift

numbers = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60)


def contract(kind: Any, categories: tuple[str, ...] | None = None) -> Contract:
    column = ContractColumn(name="x", type=kind, nullable=True, categories=categories)
    return Contract(key="id", time="at", target="late", features=("x",), columns=(column,))


def shift(before: list[Any], now: list[Any] | None, kind: str = "number") -> drift.Shift:
    wanted = contract(kind)
    reference = profile.of(pd.DataFrame({"x": before}), wanted)
    window = pd.DataFrame({"x": now}) if now is not None else pd.DataFrame({"y": [1]})
    (found,) = drift.compare(reference, profile.of(window, wanted, reference), wanted)
    return found


@given(numbers, numbers)
def test_the_wasserstein_distance_is_scipys(one: list[float], two: list[float]) -> None:
    first, second = np.array(one), np.array(two)
    found = drift.wasserstein(first, np.ones(len(one)), second, np.ones(len(two)))
    assert found == pytest.approx(stats.wasserstein_distance(first, second), rel=1e-9, abs=1e-6)


def test_binned_profiles_give_nearly_the_distance_of_the_values_themselves() -> None:
    rng = np.random.default_rng(0)
    before, now = rng.gamma(2, 10, 20_000), rng.gamma(2, 13, 6_000) - 5
    found = shift(list(before), list(now)).distance
    exact = stats.wasserstein_distance(before, now) / before.std()
    assert found == pytest.approx(exact, rel=0.02)


def test_a_whole_window_below_the_reference_is_as_far_as_it_is() -> None:
    before = [50.0, 60.0, 70.0]
    found = shift(before, [-999.0, 10.0, 20.0])
    exact = stats.wasserstein_distance(before, [-999.0, 10.0, 20.0]) / np.std(before)
    assert found.distance == pytest.approx(exact)


def test_the_total_variation_is_half_of_scipys_city_block_distance() -> None:
    one, two = {"a": 0.5, "b": 0.5}, {"a": 0.2, "c": 0.8}
    assert drift.total_variation(one, two) == pytest.approx(
        distance.cityblock([0.5, 0.5, 0], [0.2, 0, 0.8]) / 2
    )


def test_categories_differ_by_the_share_of_rows_that_moved_missing_ones_aside() -> None:
    found = shift(["a", "b"] * 50, ["a"] * 75 + ["b"] * 25 + [None] * 100, "category")
    assert found.distance == pytest.approx(0.25)
    assert (found.missing, found.missing_before) == (0.5, 0.0)


def test_a_category_that_the_reference_lacks_is_unseen() -> None:
    found = shift(["a", "b"], ["a", "zz", "zz", "b"], "category")
    assert (found.unseen, found.unseen_values) == (0.5, ("zz",))


def test_a_category_that_the_contract_knows_is_not_unseen() -> None:
    wanted = contract("category", ("a", "b", "zz"))
    reference = profile.of(pd.DataFrame({"x": ["a", "b"]}), wanted)
    window = profile.of(pd.DataFrame({"x": ["zz", "a", "new"]}), wanted, reference)
    (found,) = drift.compare(reference, window, wanted)
    assert found.unseen_values == ("new",)


@pytest.mark.parametrize(
    ("before", "now", "kind", "state", "distance"),
    [
        ([1.0, 2.0], None, "number", "absent", None),
        ([1.0, 2.0], [None, None], "number", "empty", None),
        ([1.0, 2.0], [], "number", "empty", None),
        ([None], [1.0, 2.0], "number", "unknown", None),
        (["a", "b"], [None, None], "category", "empty", None),
        ([None], ["a"], "category", "unknown", None),
        ([1.0, 3.0, 3.0], [1.0, 1.0], "number", "constant", np.sqrt(2)),
        ([3.0] * 9 + [1.0], [3.0, 3.0], "number", "compared", 1 / 3),
        (["a", "b", "b"], ["a", "a"], "category", "constant", 2 / 3),
        ([5.0, 5.0], [5.0, 5.0], "number", "was constant", 0.0),
        ([5.0, 5.0], [5.0, 9.0, 1.0, 5.0], "number", "was constant", 0.5),
        (["a", "a"], ["a", "b"], "category", "was constant", 0.5),
    ],
)
def test_every_odd_column_has_its_state(
    before: list[Any], now: list[Any] | None, kind: str, state: str, distance: float | None
) -> None:
    found = shift(before, now, kind)
    assert found.state == state
    assert found.distance == (None if distance is None else pytest.approx(distance))


def test_what_cannot_be_read_as_a_number_counts_as_missing() -> None:
    assert shift([1.0, 2.0], [1.0, "n/a", None, 2.0]).missing == 0.5
