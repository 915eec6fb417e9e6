"""Columns that are named as the log's own: taken only where they are that."""

from typing import Any

import pyarrow as pa
import pytest

from shared.monitoring.windows import answer_columns
from shared.monitoring.windows.column_faults import Fault
from shared.tasks.binary.binary_task import Binary
from tests.monitoring.windows.test_column_faults import CONTRACT

DIGEST = "ab" * 32
ANSWERS: dict[str, Any] = {
    "bundle": [DIGEST, DIGEST],
    "probability": [0.25, 0.5],
    "prediction": [False, True],
}
FEATURES: dict[str, Any] = {"id": ["a", "b"], "depth": [1.0, 2.0]}


def find(**columns: Any) -> answer_columns.AnswerColumns:
    return answer_columns.find(pa.table(FEATURES | columns), CONTRACT, Binary())


def test_answers_have_all_three_columns_and_the_outcomes_beside_them() -> None:
    found = find(**ANSWERS, outcome=[True, None], hit=[False, False])
    assert found.taken == {"bundle", "probability", "outcome"}
    assert found.bundle is not None
    assert found.table["probability"].to_pylist() == [0.25, 0.5]
    assert found.table["outcome"].to_pylist() == [1.0, None]
    assert "bundle" not in found.table.column_names
    assert "hit" not in found.table.column_names
    assert (found.faults, found.left) == ({}, {})


def test_the_targets_column_is_the_outcome_where_no_answers_are() -> None:
    found = find(hit=["yes", "perhaps"])
    assert found.table["outcome"].to_pylist() == [1.0, None]
    assert found.faults == {("hit", "not a boolean"): Fault(1, ("'perhaps'",))}
    assert found.taken == frozenset()
    other = find(hit=[True, False], outcome=[False, False])
    assert other.table["outcome"].to_pylist() == [1.0, 0.0]
    assert other.left == {("outcome", "the file has hit"): Fault(2)}


@pytest.mark.parametrize(
    ("columns", "left"),
    [
        (
            {"outcome": ["success", "failure"]},
            {("outcome", "not a boolean"): Fault(2, ("'success'", "'failure'"))},
        ),
        (
            {"probability": [37.5, 0.5]},
            {("probability", "no probability from 0 to 1"): Fault(1, ("37.5",))},
        ),
        (
            {"probability": ["high", "low"]},
            {("probability", "no probability from 0 to 1"): Fault(2, ("'high'", "'low'"))},
        ),
        (
            {"bundle": ["gold", "silver"]},
            {("bundle", "the file has no probability and no prediction"): Fault(2)},
        ),
        (
            {**ANSWERS, "bundle": ["gold", None], "probability": [50, 70]},
            {
                ("bundle", "no bundle's digest"): Fault(1, ("'gold'",)),
                ("probability", "no probability from 0 to 1"): Fault(2, ("50", "70")),
            },
        ),
    ],
)
def test_what_is_something_else_is_left_and_said(
    columns: dict[str, Any], left: dict[tuple[str, str], Fault]
) -> None:
    found = find(**columns)
    assert found.left == left
    assert (found.taken, found.bundle, found.faults) == (frozenset(), None, {})
    assert not {"bundle", "probability", "outcome"} & {*found.table.column_names}


def test_what_is_wrong_in_answers_is_a_fault_of_them() -> None:
    found = find(**ANSWERS | {"probability": [1.5, None]}, outcome=["yes", "success"])
    assert found.table["probability"].to_pylist() == [None, None]
    assert found.table["outcome"].to_pylist() == [1.0, None]
    assert found.faults == {
        ("probability", "no probability from 0 to 1"): Fault(1, ("1.5",)),
        ("outcome", "not a boolean"): Fault(1, ("'success'",)),
    }


def test_a_target_that_is_named_outcome_is_the_outcome() -> None:
    columns = tuple(
        c.model_copy(update={"name": "outcome"}) if c.name == "hit" else c for c in CONTRACT.columns
    )
    contract = CONTRACT.model_copy(update={"target": "outcome", "columns": columns})
    found = answer_columns.find(pa.table(FEATURES | {"outcome": [1, 0]}), contract, Binary())
    assert found.table["outcome"].to_pylist() == [1.0, 0.0]
    assert (found.taken, found.left) == (frozenset(), {})
