"""The reader takes what is written as the contract has it for just what its other way takes it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.schema.contract import Contract
from shared.serving import rows
from shared.serving.protocols.json_rows import RowReader
from shared.serving.rows import Values
from tests.serving.test_rows import AT, PARCELS, column, contract_with

READER = RowReader(PARCELS)
# Of every type, with every limit that a contract may set.
STRICT = contract_with(
    column("weight", "number", minimum=0, maximum=30, outside="refuse"),
    column("floor", "integer", minimum=-2.5, maximum=9, outside="refuse", nullable=True),
    column("grade", "category", categories=("1", "2"), outside="refuse"),
    column("late by (min)", "integer"),
    column("packed", "time", nullable=True),
    column("note", "text", nullable=True),
    key="integer",
)
STRICTLY = RowReader(STRICT)
WRITTEN = {
    "parcel": "17",
    "sent": f'"{AT}"',
    "weight": "2.5",
    "floor": "3",
    "grade": '"2"',
    "late by (min)": "5",
    "packed": '"2013-04-30T09:00:00.5+02:00"',
    "note": '"\u00e4"',
}
NUMBERS = st.one_of(st.integers(-(2**70), 2**70), st.integers(-4, 31), st.floats()).map(json.dumps)
SECONDS = st.text("0123456789", min_size=1, max_size=9).map(lambda digits: f".{digits}")
ZONES = st.sampled_from(["Z", "z", "", "+00:00", "-00:00", "+0930", "-04", "+23:59", "+24:00"])
TIMES = st.builds(
    '"{}{}{}{}"'.format,
    st.one_of(st.dates().map(str), st.sampled_from(["1700-01-01", "2200-12-31", "2013-02-29"])),
    st.sampled_from(["T17:15:00", " 17:15:00", "t00:00:00", "T23:59:59", "T23:59:60", "T24:00:00"]),
    st.one_of(st.just(""), SECONDS),
    ZONES,
)
TEXTS = st.text(max_size=3).map(json.dumps) | st.text(max_size=3).map(lambda text: f'"{text}"')
VALUES = NUMBERS | TIMES | TEXTS | st.sampled_from(["null", "true", "[]", '"\\ud800"', "1.", "NaN"])
AS_WRITTEN = {"parcel": "P1", "sent": AT, "weight": 2.5, "fragile": True, "carrier": "owl"}


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"floor": 3},
        {"floor": 3.0},
        {"floor": 3.5},
        {"floor": 2**63},
        {"floor": True},
        {"floor": "3"},
        {"weight": 2},
        {"weight": "2"},
        {"weight": None},
        {"carrier": 7},
        {"carrier": None},
        {"carrier": "\x00"},
        {"carrier": "x" * 1_001},
        {"sent": 1367428500},
        {"sent": "1367428500"},
        {"sent": "2013-05-01"},
        {"sent": "2013-05-01T13:15:00-04:00"},
        {"sent": "1613-05-01T17:15:00Z"},
        {"fragile": 1},
        {"other": 1},
    ],
)
def test_a_body_is_read_alike_be_it_as_the_contract_has_it_or_nearly_so(
    other: dict[str, Any],
) -> None:
    for body in (AS_WRITTEN | other, [AS_WRITTEN, AS_WRITTEN | other], []):
        text = json.dumps(body, indent=1).encode()
        alike(PARCELS, b" " + text)


def test_what_is_written_as_the_contract_has_it_needs_no_other_way() -> None:
    reader = RowReader(STRICT)
    reader.kind = None  # type: ignore[assignment]
    row = tuple(STRICTLY.kind.validate_json(written(WRITTEN)).values())
    assert reader.read_json(written(WRITTEN)) == ([row], False)
    assert reader.read_json(b"[" + written(WRITTEN) + b"]") == ([row], True)


@given(st.sampled_from([*WRITTEN, "other"]), VALUES | TIMES)
def test_any_value_of_any_column_is_read_alike(name: str, value: str) -> None:
    text = written(WRITTEN | {name: value})
    for body in (text, b"[" + written(WRITTEN) + b"," + text + b"]"):
        alike(STRICT, body)


@pytest.mark.parametrize(
    "text",
    [b"", b" ", b"null", b"[", b"{}", b"\xef\xbb\xbf[]", b"[[]]", b'{"parcel":"\xff"}', b"[{}] {}"],
)
def test_what_is_no_row_is_told_alike(text: bytes) -> None:
    alike(PARCELS, text)


def test_of_a_name_that_is_there_twice_the_last_value_counts_in_both_ways() -> None:
    alike(STRICT, written(WRITTEN)[:-1] + b',"weight":3.5}')


def written(row: dict[str, str]) -> bytes:
    """Return a row whose values are JSON already, as its caller would write it."""
    parts = (f"{json.dumps(name)}: {value}" for name, value in row.items())
    return f"{{{', '.join(parts)}}}".encode("utf-8", "surrogatepass")


def alike(contract: Contract, body: bytes) -> None:
    reader = READER if contract is PARCELS else STRICTLY

    def read(text: bytes) -> tuple[list[Values], bool]:
        found, names = reader.kind.validate_json(text), rows.names(contract)
        in_order = [tuple(row[name] for name in names) for row in rows.listed(found)]
        return in_order, isinstance(found, list)

    assert attempt(reader.read_json, body) == attempt(read, body)


def attempt(read: Callable[[bytes], tuple[list[Values], bool]], text: bytes) -> Any:
    """Return what is read, with its types, or the mistakes that are named."""
    try:
        found, is_list = read(text)
    except ValidationError as error:
        return repr(error.errors(include_url=False, include_context=False))
    return [[(type(value), value) for value in row] for row in found], is_list
