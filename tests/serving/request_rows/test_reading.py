"""Rows read by a contract: what is taken, as what, and what is refused by which row and name."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from shared.log.refused_rows import RowFault, refused_rows
from shared.schema.contract import Contract, ContractColumn
from shared.serving.request_rows import reading
from shared.serving.request_rows.rows import asked_columns, names, outcome_columns
from shared.serving.request_rows.validation_errors import InvalidRows
from tests.serving.parcels import AT, MOMENT, PARCEL, PARCELS, column, contract_with


def taken(body: Any, contract: Contract = PARCELS) -> list[dict[str, Any]]:
    read = reading.read_rows(body, asked_columns(contract))
    return [dict(zip(names(contract), row, strict=True)) for row in read]


def refused(body: Any, contract: Contract = PARCELS) -> list[str]:
    """Return the names of what is wrong with a body."""
    return [name for _, name, _ in errors(body, asked_columns(contract))]


def errors(body: Any, columns: Sequence[ContractColumn]) -> list[tuple[int | None, str, str]]:
    with pytest.raises(InvalidRows) as caught:
        reading.read_rows(body, columns)
    return [(error.row, error.field, error.problem) for error in caught.value.errors]


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


def test_a_name_is_told_whatever_is_in_it() -> None:
    assert refused(PARCEL | {"\ud800": 1}) == ["\\ud800"]
    assert refused(PARCEL | {"x" * 5_000: 1}) == ["x" * 100]
    long = "weight " * 40
    columns = [c.model_copy(update={"name": long}) for c in PARCELS.columns if c.name == "weight"]
    assert [name for _, name, _ in errors({long: "heavy"}, columns)] == [long]


@pytest.mark.parametrize("name", ["lost", "colour", "column_0", ""])
def test_what_is_not_in_the_row_is_refused_by_name(name: str) -> None:
    assert refused(PARCEL | {name: 1}) == [name]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("weight", "2,5"),
        ("weight", True),
        ("weight", [2.5]),
        ("weight", float("inf")),
        ("weight", float("-inf")),
        ("weight", float("nan")),
        ("weight", 2**53),
        ("weight", {"kg": 1}),
        ("weight", 10**400),
        ("floor", "3 "),
        ("floor", 2.5),
        ("floor", float("inf")),
        ("floor", 1e300),
        ("floor", True),
        ("floor", 2**63),
        ("floor", -(2**63) - 1),
        ("fragile", "on"),
        ("fragile", 2),
        ("carrier", 1.5),
        ("carrier", True),
        ("carrier", {"name": "owl"}),
        ("carrier", "x" * 1_001),
        ("carrier", "o\x00wl"),
        ("carrier", "\ud800"),
        ("parcel", "P\x00"),
        ("parcel", "\udfff"),
        ("parcel", 1.5),
        ("sent", "soon"),
        ("sent", ""),
        ("sent", 1367428500),
        ("sent", 1367428500.0),
        ("sent", "20130501"),
        ("sent", "1899-12-31T23:59:59Z"),
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


def test_a_whole_key_keeps_every_digit_as_a_number_and_as_a_text() -> None:
    numbered = contract_with(column("weight", "number"), key="integer")
    row = {"parcel": 2**63 - 1, "sent": AT, "weight": 1.0}
    for key in (2**63 - 1, str(2**63 - 1)):
        assert taken(row | {"parcel": key}, numbered)[0]["parcel"] == 2**63 - 1
    assert refused(row | {"parcel": 2**63}, numbered) == ["parcel"]
    for key in (1_234_567_890_123_456_789, 2**64 - 1):
        assert taken(PARCEL | {"parcel": key})[0]["parcel"] == str(key)


def test_texts_of_digits_are_numbers_and_words_are_booleans() -> None:
    row = taken(PARCEL | {"weight": "2.5", "floor": "3", "fragile": "no"})[0]
    assert (row["weight"], row["floor"], row["fragile"]) == (2.5, 3, False)


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
    for text in ("1900-01-01T00:00:00Z", "2200-12-31T23:59:59Z"):
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
    assert refused(row | {name: "one"}, contract) == [name]


def test_from_one_to_ten_thousand_rows_are_taken_at_once() -> None:
    assert len(taken([PARCEL] * 10_000)) == 10_000
    assert errors([PARCEL] * 10_001, asked_columns(PARCELS)) == [
        (None, "body", "there are more than 10,000 rows: send them in parts")
    ]
    assert errors([], asked_columns(PARCELS)) == [(None, "body", "there are no rows")]


@pytest.mark.parametrize("body", [None, "P1", 3, 2.5, True, [PARCEL, [PARCEL]]])
def test_what_is_no_row_is_refused(body: object) -> None:
    row = 1 if isinstance(body, list) else None
    words = "not a row: an object with a value for each name"
    assert errors(body, asked_columns(PARCELS)) == [(row, "body", words)]


def test_every_mistake_is_told_with_the_number_of_its_row_in_the_words_of_the_reading() -> None:
    body = [PARCEL, PARCEL | {"weight": "x", "floor": "y"}, PARCEL | {"fragile": 2}, {"parcel": ""}]
    assert errors(body, asked_columns(PARCELS)) == [
        (1, "weight", "not a number"),
        (1, "floor", "not a whole number"),
        (2, "fragile", "not a boolean"),
        (3, "sent", "missing"),
        (3, "weight", "missing"),
        (3, "fragile", "missing"),
    ]


def test_a_name_that_no_row_has_is_told_once_with_those_that_there_are() -> None:
    words = "not a name of a row, which are parcel, sent, weight, fragile, carrier, floor"
    body = [PARCEL, PARCEL | {"colour": 1}, PARCEL | {"colour": 2}]
    assert errors(body, asked_columns(PARCELS)) == [(1, "colour", words)]
    assert errors([{"parcel": "P1", "sent": AT}] * 200, asked_columns(PARCELS)) == [
        (0, "weight", "missing"),
        (0, "fragile", "missing"),
    ]


def test_a_hundred_errors_are_told_at_most() -> None:
    wrong = [{name: [] for name in PARCEL} | {f"more {at}": 1} for at in range(10_000)]
    found = errors(wrong, asked_columns(PARCELS))
    assert len(found) == 100
    assert found[:2] == [(0, "more 0", found[0][2]), (0, "parcel", "not a text")]


def test_a_tables_columns_are_read_as_they_come() -> None:
    came = {
        "parcel": pa.chunked_array([pa.array(["P1", "P2"], pa.string_view())]),
        "sent": pa.chunked_array([pa.array([MOMENT.date(), MOMENT.date()])]),
        "weight": pa.chunked_array([pa.array([2, None], pa.uint8())]),
        "fragile": pa.chunked_array([pa.array([True, False])]),
        "carrier": pa.chunked_array([pa.array(["owl", None]).dictionary_encode()]),
        "floor": pa.chunked_array([pa.nulls(2)]),
    }
    with pytest.raises(InvalidRows) as caught:
        reading.read_columns(came, 2, asked_columns(PARCELS))
    assert [error.model_dump() for error in caught.value.errors] == [
        {"row": 1, "field": "weight", "problem": "missing", "received": None}
    ]
    came["weight"] = pa.chunked_array([pa.array([2.5, 3], pa.float16())])
    day = datetime(2013, 5, 1, tzinfo=UTC)
    assert reading.read_columns(came, 2, asked_columns(PARCELS)) == [
        ("P1", day, 2.5, True, "owl", None),
        ("P2", day, 3.0, False, None, None),
    ]


@pytest.mark.parametrize(
    ("column", "received"),
    [
        (pa.array([10**15], pa.timestamp("s")), "'a timestamp[s]'"),
        (pa.array([1], pa.timestamp("us", "Not/AZone")), "'a timestamp[us, tz=Not/AZone]'"),
        (pa.array([[1]]), "'a list<item: int64>'"),
        (pa.array([b"x" * 500]), "b'" + "x" * 98),
    ],
)
def test_what_was_received_is_shown_whatever_it_is(column: pa.Array, received: str) -> None:
    came = {"weight": pa.chunked_array([column])}
    with pytest.raises(InvalidRows) as caught:
        reading.read_columns(came, 1, [PARCELS["weight"]])
    assert caught.value.errors[0].received == received


def test_an_outcome_is_a_key_and_a_value_that_is_known() -> None:
    columns = outcome_columns(PARCELS)
    for value in (True, 1, 1.0, "true", "Y"):
        assert reading.read_rows({"parcel": "P1", "lost": value}, columns) == [("P1", True)]
    told = {"parcel": 17, "lost": "no"}
    assert reading.read_rows([told, told], columns) == [("17", False)] * 2
    assert errors(told | {"lost": None}, columns) == [(None, "lost", "missing")]
    assert errors(told | {"lost": 2}, columns) == [(None, "lost", "not a boolean")]
    assert errors({"parcel": "P1"}, columns) == [(None, "lost", "missing")]
    assert [name for _, name, _ in errors(told | {"weight": 1.0}, columns)] == ["weight"]


def test_labels_that_are_no_class_are_counted_with_all_outcomes_of_the_request() -> None:
    target = ContractColumn(name="fate", type="category", categories=("late", "paid"))
    rows = [("A1", "paid"), ("A2", "2"), ("A3", "1"), ("A4", "sold")]
    with pytest.raises(InvalidRows) as raised:
        reading.refuse_labels(rows, target, alone=False)
    assert [(error.row, error.received) for error in raised.value.errors] == [(1, "2"), (2, "1")]
    assert raised.value.refused == refused_rows(
        4, {("fate", "a number, where classes are texts"): RowFault(2, "'2'")}
    )


def test_a_target_has_its_own_two_texts() -> None:
    lost = PARCELS["lost"].model_copy(update={"truths": ("found", "lost")})
    columns = (PARCELS["parcel"], lost)
    assert reading.read_rows({"parcel": "P1", "lost": "lost"}, columns) == [("P1", True)]
    assert errors({"parcel": "P1", "lost": "yes"}, columns)[0][2] == "neither found nor lost"
