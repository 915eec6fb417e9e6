"""Profiles: counts that are right, that JSON can hold, and that stand any column."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.data import profile
from shared.data.contract import Contract, ContractColumn


def contract(**types: Any) -> Contract:
    return Contract(
        key="id",
        time="at",
        target="late",
        features=tuple(types),
        columns=tuple(ContractColumn(name=n, type=t, nullable=True) for n, t in types.items()),
    )


def number(values: list[Any], reference: list[Any] | None = None) -> Any:
    wanted = contract(x="number")
    bins = profile.of(pd.DataFrame({"x": reference}), wanted) if reference else None
    return profile.of(pd.DataFrame({"x": values}), wanted, bins)["columns"]["x"]


def test_few_distinct_numbers_get_a_bin_each() -> None:
    found = number([1.0, 1.0, 2.0, None])
    assert found["edges"] == [1.0, 2.0, np.nextafter(2.0, 3.0)]
    assert found["counts"] == [0, 2, 1, 0]
    assert found["sums"] == [0.0, 2.0, 2.0, 0.0]
    assert (found["missing"], found["min"], found["max"]) == (1, 1.0, 2.0)
    assert found["mean"] == pytest.approx(4 / 3)
    assert found["std"] == pytest.approx(np.std([1, 1, 2]))


def test_a_window_is_counted_in_the_references_bins_with_what_is_under_and_over() -> None:
    found = number([-5.0, 1.0, 1.5, 9.0, 2.0], reference=[1.0, 2.0])
    assert found["counts"] == [1, 2, 1, 1]
    assert found["sums"] == [-5.0, 2.5, 2.0, 9.0]


def test_many_distinct_numbers_are_cut_into_equally_full_bins() -> None:
    found = number(list(np.arange(6_400.0)))
    assert len(found["counts"]) == 66
    assert set(found["counts"][1:-1]) <= {99, 100, 101}
    assert found["counts"][0] == found["counts"][-1] == 0


@pytest.mark.parametrize("values", [[], [None, None], [np.nan]])
def test_a_column_without_a_value_has_no_edges_and_no_moments(values: list[Any]) -> None:
    found = number(values)
    assert found["missing"] == len(values)
    assert found["edges"] == []
    assert found["mean"] is found["std"] is found["min"] is found["max"] is None


def test_a_constant_column_has_one_bin_and_no_spread() -> None:
    found = number([3.0] * 5)
    assert found["counts"] == [0, 5, 0]
    assert found["std"] == 0.0


def test_what_is_no_finite_number_is_unreadable_and_not_missing() -> None:
    found = number([1.0, "n/a", np.inf, None])
    assert (found["unreadable"], found["missing"], sum(found["counts"])) == (2, 1, 1)


def test_categories_are_counted_by_name_with_numbers_and_missing_among_them() -> None:
    frame = pd.DataFrame({"c": ["b", "a", "b", None, 7]})
    found = profile.of(frame, contract(c="category"))["columns"]["c"]
    assert found == {"kind": "category", "missing": 1, "other": 0} | {
        "counts": {"b": 2, "7": 1, "a": 1}
    }


def test_rare_categories_beyond_the_limit_are_counted_together() -> None:
    frame = pd.DataFrame({"c": ["often"] * 2 + [f"c{i:04}" for i in range(1_500)]})
    found: Any = profile.of(frame, contract(c="text"))["columns"]["c"]
    assert len(found["counts"]) == profile.MOST_CATEGORIES
    assert found["other"] == 501


def test_times_booleans_and_probabilities_are_numbers_and_an_absent_column_has_no_profile() -> None:
    frame = pd.DataFrame(
        {
            "t": ["1970-01-01T00:00:10Z", "not a time"],
            "b": pd.Series([True, None], dtype=object),
            "probability": [0.25, 0.75],
        }
    )
    found: Any = profile.of(frame, contract(t="time", b="boolean", gone="number"))
    assert found["rows"] == 2
    assert list(found["columns"]) == ["t", "b", "probability"]
    assert (found["columns"]["t"]["mean"], found["columns"]["t"]["unreadable"]) == (10.0, 1)
    assert (found["columns"]["b"]["mean"], found["columns"]["b"]["missing"]) == (1.0, 1)
    assert found["columns"]["probability"]["mean"] == 0.5


@given(st.lists(st.floats(-1e9, 1e9), max_size=300), st.lists(st.floats(-1e9, 1e9), max_size=50))
def test_every_value_is_in_exactly_one_bin_and_survives_json(
    values: list[float], others: list[float]
) -> None:
    wanted = contract(x="number")
    reference = profile.of(pd.DataFrame({"x": values}, dtype="float64"), wanted)
    kept = json.loads(json.dumps(reference))
    assert kept == reference
    own: Any = reference["columns"]["x"]
    assert sum(own["counts"][1:-1]) == len(values)
    window: Any = profile.of(pd.DataFrame({"x": others}, dtype="float64"), wanted, kept)
    column = window["columns"]["x"]
    assert sum(column["counts"]) == len(others)
    assert sum(column["sums"]) == pytest.approx(sum(others), rel=1e-9, abs=1e-3)
