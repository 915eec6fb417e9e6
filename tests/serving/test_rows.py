"""Rows typed from a contract: what is taken, as what, and what is refused by which name."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from shared.schema.contract import Contract, ContractColumn
from shared.serving import rows

AT = "2013-05-01T17:15:00Z"
MOMENT = datetime(2013, 5, 1, 17, 15, tzinfo=UTC)
PARCEL = {"parcel": "P1", "sent": AT, "weight": 2.5, "fragile": True}


def column(name: str, kind: str, **more: Any) -> ContractColumn:
    return ContractColumn.model_validate({"name": name, "type": kind} | more)


def contract_with(*features: ContractColumn, key: str = "text") -> Contract:
    """Return the contract of parcels with these features."""
    return Contract(
        key="parcel",
        time="sent",
        target="lost",
        features=tuple(feature.name for feature in features),
        columns=(
            column("parcel", key),
            column("sent", "time"),
            *features,
            column("lost", "boolean", nullable=True),
        ),
    )


PARCELS = contract_with(
    column("weight", "number"),
    column("fragile", "boolean"),
    column("carrier", "category", nullable=True, categories=("dove", "owl")),
    column("floor", "integer", nullable=True),
)


def taken(body: Any, contract: Contract = PARCELS) -> list[dict[str, Any]]:
    return rows.listed(TypeAdapter(rows.prediction_rows(contract)).validate_python(body))


def refused(body: Any, contract: Contract = PARCELS) -> list[str]:
    """Return what an answer would name: the parts of the mistakes' places that are the caller's."""
    return named(rows.prediction_rows(contract), body)


def named(kind: Any, body: Any) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(body)
    return [str(error["loc"][-1]) for error in caught.value.errors()]


def test_one_row_or_many_are_taken_by_the_contracts_names() -> None:
    whole = {**PARCEL, "carrier": "owl", "floor": 3}
    assert taken(whole) == [whole | {"sent": MOMENT}]
    assert [row["parcel"] for row in taken([whole, whole | {"parcel": "P2"}])] == ["P1", "P2"]


def test_what_is_nullable_may_be_null_or_left_out_and_is_null_then() -> None:
    expected = PARCEL | {"sent": MOMENT, "carrier": None, "floor": None}
    assert taken(PARCEL) == [expected]
    assert taken(PARCEL | {"carrier": None, "floor": None}) == [expected]


@pytest.mark.parametrize("name", ["parcel", "sent", "weight", "fragile"])
def test_what_is_not_nullable_is_neither_left_out_nor_null(name: str) -> None:
    assert refused({k: v for k, v in PARCEL.items() if k != name}) == [name]
    assert refused(PARCEL | {name: None}) == [name]


def test_key_and_time_are_required_even_where_a_contract_calls_them_nullable() -> None:
    columns = tuple(c.model_copy(update={"nullable": True}) for c in PARCELS.columns)
    loose = PARCELS.model_copy(update={"columns": columns})
    assert refused({"parcel": None}, loose) == ["parcel", "sent"]


@pytest.mark.parametrize("name", ["lost", "colour", "column_0", ""])
def test_what_is_not_in_the_row_is_refused_by_name(name: str) -> None:
    assert refused(PARCEL | {name: 1}) == [name]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("weight", "2.5"),
        ("weight", True),
        ("weight", [2.5]),
        ("weight", float("inf")),
        ("weight", float("-inf")),
        ("weight", float("nan")),
        ("weight", 10**400),
        ("floor", "3"),
        ("floor", 2.5),
        ("floor", float("inf")),
        ("floor", 1e300),
        ("floor", True),
        ("floor", 2**63),
        ("floor", -(2**63) - 1),
        ("fragile", "true"),
        ("fragile", 1),
        ("carrier", 1.5),
        ("carrier", True),
        ("carrier", {"name": "owl"}),
        ("carrier", "x" * 1_001),
        ("carrier", "o\x00wl"),
        ("carrier", "\ud800"),
        ("parcel", "P\x00"),
        ("parcel", "\udfff"),
        ("parcel", 1.0),
        ("sent", "soon"),
        ("sent", ""),
        ("sent", 1367428500),
        ("sent", 1367428500.0),
        ("sent", "1699-12-31T23:59:59Z"),
        ("sent", "2201-01-01T00:00:00Z"),
        ("sent", "9999-12-31T23:59:59-23:00"),
    ],
)
def test_a_value_of_another_kind_is_refused_by_its_column(name: str, value: object) -> None:
    assert refused(PARCEL | {name: value}) == [name]


def test_three_is_the_same_number_with_and_without_a_point() -> None:
    row = taken(PARCEL | {"weight": 3, "floor": 3.0})[0]
    assert (row["weight"], row["floor"]) == (3.0, 3)
    assert isinstance(row["floor"], int)


def test_integers_reach_to_the_ends_of_what_a_database_holds() -> None:
    for end in (-(2**63), 2**63 - 1):
        assert taken(PARCEL | {"floor": end})[0]["floor"] == end


def test_an_unknown_category_is_taken_where_the_contract_accepts_it() -> None:
    assert taken(PARCEL | {"carrier": "swan"})[0]["carrier"] == "swan"


def test_a_whole_number_is_taken_as_the_name_of_a_category_and_of_a_key() -> None:
    row = taken(PARCEL | {"parcel": 17, "carrier": 4})[0]
    assert (row["parcel"], row["carrier"]) == ("17", "4")


def test_a_fixed_list_and_a_fixed_range_refuse_what_is_outside() -> None:
    fixed = contract_with(
        column("grade", "category", categories=("1", "2"), outside="refuse"),
        column("weight", "number", minimum=0, maximum=30, outside="refuse"),
        column("floor", "integer", minimum=-2, maximum=9, outside="refuse", nullable=True),
    )
    row = {"parcel": "P1", "sent": AT, "grade": "2", "weight": 30, "floor": -2}
    assert taken(row, fixed) == [row | {"sent": MOMENT}]
    assert taken(row | {"grade": 1, "floor": None}, fixed)[0]["grade"] == "1"
    assert refused(row | {"grade": "3", "weight": 30.1, "floor": -3}, fixed) == [
        "grade",
        "weight",
        "floor",
    ]
    assert refused(row | {"weight": -0.1, "floor": 10}, fixed) == ["weight", "floor"]


def test_an_inferred_range_refuses_nothing() -> None:
    loose = contract_with(
        column("weight", "number", minimum=0, maximum=30),
        column("floor", "integer", minimum=-2, maximum=9),
    )
    row = {"parcel": "P1", "sent": AT, "weight": -1000.0, "floor": 1000}
    assert taken(row, loose) == [row | {"sent": MOMENT}]


def test_an_integer_key_stays_one_and_its_range_is_not_enforced() -> None:
    numbered = contract_with(column("weight", "number"), key="integer")
    row = {"parcel": 2**63 - 1, "sent": AT, "weight": 1.0}
    assert taken(row, numbered)[0]["parcel"] == 2**63 - 1
    assert refused(row | {"parcel": "17"}, numbered) == ["parcel"]
    assert refused(row | {"parcel": 2**63}, numbered) == ["parcel"]


@pytest.mark.parametrize(
    "text",
    [
        "2013-05-01T17:15:00Z",
        "2013-05-01T17:15:00",
        "2013-05-01 17:15",
        "2013-05-01T13:15:00-04:00",
        "2013-05-02T02:45:00+09:30",
    ],
)
def test_a_time_is_in_utc_whether_it_says_so_or_has_an_offset(text: str) -> None:
    sent = taken(PARCEL | {"sent": text})[0]["sent"]
    assert (sent, sent.utcoffset()) == (MOMENT, MOMENT.utcoffset())


def test_the_first_and_the_last_year_are_taken() -> None:
    for text in ("1700-01-01T00:00:00Z", "2200-12-31T23:59:59Z"):
        assert taken(PARCEL | {"sent": text})[0]["sent"].isoformat() == text.replace("Z", "+00:00")


@pytest.mark.parametrize(
    "name",
    [
        *("class", "def", "None", "self", "return", "_private", "__init__", "__dict__"),
        *("model_config", "model_fields", "model_dump", "copy", "json", "schema", "validate"),
        *("late by (min)", "Größe", "1st", "a.b", "one", "many", "root", "body", "asked"),
    ],
)
def test_a_column_may_have_a_name_that_python_or_pydantic_keeps_for_itself(name: str) -> None:
    contract = contract_with(column(name, "number"))
    row = {"parcel": "P1", "sent": AT, name: 1.0}
    assert taken(row, contract) == [row | {"sent": MOMENT}]
    assert refused(row | {name: "1"}, contract) == [name]
    schema = TypeAdapter(rows.prediction_rows(contract)).json_schema()
    assert list(schema["$defs"]["Row"]["properties"]) == ["parcel", "sent", name]


def test_from_one_to_ten_thousand_rows_are_taken_at_once() -> None:
    assert len(taken([PARCEL] * 10_000)) == 10_000
    assert refused([PARCEL] * 10_001) == ["many"]
    assert refused([]) == ["many"]


@pytest.mark.parametrize("body", [None, "P1", 3, 2.5, True])
def test_what_is_neither_a_row_nor_a_list_is_refused(body: object) -> None:
    assert refused(body) == ["one"]


def test_every_mistake_is_told_with_the_number_of_its_row() -> None:
    with pytest.raises(ValidationError) as caught:
        taken([PARCEL, PARCEL | {"weight": "x", "floor": "y"}, PARCEL | {"fragile": 0}])
    assert [error["loc"] for error in caught.value.errors()] == [
        ("many", 1, "weight"),
        ("many", 1, "floor"),
        ("many", 2, "fragile"),
    ]


def test_the_schema_describes_each_column_in_the_contracts_words() -> None:
    described = contract_with(
        column("weight", "number", minimum=0, maximum=30),
        column("floor", "integer", minimum=-2, outside="refuse"),
        column("carrier", "category", categories=tuple("abcdef")),
    )
    schema = TypeAdapter(rows.prediction_rows(described)).json_schema()["$defs"]["Row"]
    told = {name: field["description"] for name, field in schema["properties"].items()}
    assert told == {
        "parcel": "text",
        "sent": "time",
        "weight": "number from 0 to 30 in training",
        "floor": "integer from -2",
        "carrier": "category: a, b, c, d, e, …",
    }
    assert schema["additionalProperties"] is False


def test_an_outcome_is_a_key_and_a_value_that_is_known() -> None:
    kind = rows.outcome_rows(PARCELS)
    told = {"parcel": "P1", "lost": True}
    assert rows.listed(TypeAdapter(kind).validate_python(told)) == [told]
    assert len(rows.listed(TypeAdapter(kind).validate_python([told, told]))) == 2
    for value in (None, 1, "true"):
        assert named(kind, told | {"lost": value}) == ["lost"]
    assert named(kind, {"parcel": "P1"}) == ["lost"]
    assert named(kind, told | {"weight": 1.0}) == ["weight"]
