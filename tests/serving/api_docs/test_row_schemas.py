"""The schemas of rows say what the reading takes."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator

from shared.schema.contract import ColumnType, ContractColumn
from shared.serving.api_docs.row_schemas import body_schema, column_schema, row_schema
from shared.serving.request_rows.rows import asked_columns
from tests import values
from tests.serving.parcels import AT, PARCEL, PARCELS, STRICT, column

JSON = (str, int, float, list, dict, type(None))
# No schema tells a whole number from a float with the same value, and NaN is no JSON.
NOT_SAID = {"NaN", "infinity", "1e300", "2^53 as a float"}
NO_FLOATS = {
    "10^22",
    "2^53",
    "2^53 + 1",
    "1234567890123456789",
    "2^63 - 1",
    "-2^63",
    "2^63",
    "2^64 - 1",
}


def allows(schema: dict[str, Any], value: Any) -> bool:
    return Draft202012Validator(schema).is_valid(value)


@pytest.mark.parametrize("kind", values.TYPES)
def test_a_columns_schema_allows_what_the_reading_takes(kind: ColumnType) -> None:
    schema = column_schema(ContractColumn(name="c", type=kind, nullable=True))
    for name, value in values.VALUES.items():
        is_said = name not in NOT_SAID and not (kind == "number" and name in NO_FLOATS)
        if is_said and isinstance(value, JSON):
            assert allows(schema, value) == (values.outcome(name, kind)[1] is None), name


def test_a_time_in_seconds_takes_numbers_of_the_years() -> None:
    schema = column_schema(ContractColumn(name="c", type="time", format="seconds"))
    assert all(allows(schema, value) for value in (1_367_428_500, 0.5, -1, "2013-05-01"))
    assert not any(allows(schema, value) for value in (1_367_428_500_000, "1367428500", None))
    assert schema["description"] == "time in seconds since 1970, or in ISO 8601"


def test_a_row_has_what_is_required_and_nothing_that_is_unknown() -> None:
    schema = body_schema(row_schema(asked_columns(PARCELS)), 10_000)
    for body in (PARCEL, [PARCEL, PARCEL | {"carrier": None, "floor": "3"}]):
        assert allows(schema, body)
    for body in ([], PARCEL | {"more": 1}, {"parcel": "P1", "sent": AT}, [[PARCEL]], None):
        assert not allows(schema, body)


def test_what_is_fixed_is_said() -> None:
    properties = row_schema(asked_columns(STRICT))["properties"]
    taken = {"weight": [0, 30], "floor": [-2, 9, None], "grade": ["1", 2]}
    refused = {"weight": [-0.1, 31], "floor": [-3, 10], "grade": ["3", 3, None]}
    for name, samples in taken.items():
        assert all(allows(properties[name], value) for value in samples), name
    for name, samples in refused.items():
        assert not any(allows(properties[name], value) for value in samples), name
    positive = column_schema(column("c", "number", minimum=0, outside="refuse"))
    assert allows(positive, "2.5")
    assert not allows(positive, "-2.5")
    own = column_schema(column("c", "boolean", truths=("0", "late")))
    assert [allows(own, value) for value in (True, "late", "0", 0, 1, "no")] == [
        *(True, True, True, True),
        *(False, False),
    ]


def test_each_column_is_described_in_the_contracts_words() -> None:
    described = [
        column("weight", "number", minimum=0, maximum=30),
        column("floor", "integer", minimum=-2, outside="refuse"),
        column("carrier", "category", categories=tuple("abcdef")),
        column("sent", "time"),
        column("packed", "time", format="%d/%m/%Y"),
        column("note", "text"),
    ]
    told = [column_schema(each)["description"] for each in described]
    assert told == [
        "number from 0 to 30 in training, or its digits as a text",
        "integer from -2, or its digits as a text",
        "category: a, b, c, d, e, …",
        "time in ISO 8601, from 1900 to 2200; UTC where it has no zone",
        "time as %d/%m/%Y writes it, or ISO 8601",
        "text",
    ]
