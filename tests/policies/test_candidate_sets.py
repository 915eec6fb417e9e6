"""What a caller gave comes out of the log as it was: names, and values of every type."""

from datetime import UTC, datetime

import pytest

from shared.policies.candidate_sets import logged_text, read_candidates
from shared.schema.contract import ColumnType, Contract, ContractColumn

MOMENT = datetime(2024, 5, 1, 10, 0, 0, 5, tzinfo=UTC)


def contract_of(types: dict[str, ColumnType]) -> Contract:
    columns = [ContractColumn(name=name, type=kind, nullable=True) for name, kind in types.items()]
    ends = ("id", "at", "clicked")
    more = [ContractColumn(name=name, type="text") for name in ends]
    key, time, target = ends
    features = tuple(types)
    made = {"columns": (*columns, *more), "key": key, "time": time, "target": target}
    return Contract(features=features, **made)


CONTRACT = contract_of(
    {"item": "category", "price": "number", "stock": "integer", "new": "boolean", "since": "time"}
)


@pytest.mark.parametrize("items", [["i1", "Zürich", 'a"b', "line\nend"], [2**53 + 1, 7]])
def test_names_stay_in_their_order(items: list[str] | list[int]) -> None:
    assert read_candidates(logged_text(items), CONTRACT) == items


def test_described_candidates_keep_their_values_to_the_last_digit() -> None:
    rows = {
        "item": ["a", "b"],
        "price": [0.1 + 0.2, None],
        "stock": [2**53 + 1, None],
        "new": [True, None],
        "since": [MOMENT, None],
    }
    found = read_candidates(logged_text(rows), CONTRACT)
    assert found == rows
    assert isinstance(found, dict)
    assert [type(values[0]) for values in found.values()][1:4] == [float, int, bool]


def test_what_the_contract_has_no_more_is_left_out() -> None:
    assert read_candidates('{"item": ["a"], "colour": ["red"]}', CONTRACT) == {"item": ["a"]}
