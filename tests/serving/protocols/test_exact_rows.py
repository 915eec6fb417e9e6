"""What the quick types take, the reading takes as well, and for the same values."""

import json
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.schema.contract import Contract
from shared.serving.protocols.exact_rows import ExactRows
from shared.serving.request_rows import reading
from shared.serving.request_rows.rows import asked_columns
from tests import values
from tests.serving.parcels import AT, PARCELS, STRICT, column, contract_with

EVERY = contract_with(*(column(kind, kind, nullable=True) for kind in values.TYPES))
READERS = {
    id(contract): [ExactRows(asked_columns(contract), nearly=nearly) for nearly in (False, True)]
    for contract in (PARCELS, STRICT, EVERY)
}
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
    st.one_of(st.dates().map(str), st.sampled_from(["1900-01-01", "2200-12-31", "2013-02-29"])),
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
        {"carrier": 10**1_000},
        {"sent": 1367428500},
        {"sent": "1367428500"},
        {"sent": "2013-05-01"},
        {"sent": "2013-05-01T13:15:00-04:00"},
        {"sent": "1613-05-01T17:15:00Z"},
        {"sent": "2013-05-01T13:15:00\N{MINUS SIGN}04:00"},
        {"sent": "2013-05-01T13:15:00,5Z"},
        {"sent": "2013-05-01T13:15:00.12345678901234567890Z"},
        {"sent": "2013-05-01t13:15:00z"},
        {"fragile": 1},
        {"other": 1},
    ],
)
def test_a_body_is_read_alike_be_it_as_the_contract_has_it_or_nearly_so(
    other: dict[str, Any],
) -> None:
    for body in (AS_WRITTEN | other, [AS_WRITTEN, AS_WRITTEN | other], []):
        alike(PARCELS, b" " + json.dumps(body, indent=1).encode())


def test_what_is_written_as_the_contract_or_pandas_has_it_is_taken() -> None:
    exact, nearly = READERS[id(STRICT)]
    expected = reading.read_rows(json.loads(written(WRITTEN)), asked_columns(STRICT))
    assert exact.read_json(written(WRITTEN)) == (expected, False)
    assert exact.read_json(b"[" + written(WRITTEN) + b"]") == (expected, True)
    likewise = written(WRITTEN | {"floor": "3.0", "grade": "2", "sent": f'"{AT[:-1]}"'})
    assert nearly.read_json(likewise) == (expected, False)


@pytest.mark.parametrize(
    "odd",
    [
        column("packed", "time", format="%d/%m/%Y"),
        column("fragile", "boolean", categories=("true",), outside="refuse"),
        column("note", "text", minimum=3, outside="refuse"),
    ],
)
def test_columns_that_no_type_can_say_are_left_to_the_reading(odd: Any) -> None:
    for nearly in (False, True):
        reader = ExactRows([odd], nearly=nearly)
        with pytest.raises(ValueError, match="^$"):
            reader.read_json(b"{}")


@pytest.mark.parametrize("kind", values.TYPES)
def test_every_value_that_json_has_is_read_alike_at_every_type(kind: str) -> None:
    for value in values.VALUES.values():
        with suppress(TypeError):
            alike(EVERY, json.dumps({"parcel": "P1", "sent": AT, kind: value}).encode())


@given(st.sampled_from([*WRITTEN, "other"]), VALUES | TIMES)
@example(name="packed", value='"1900-01-01T00:00:00+23:59"')
@example(name="floor", value="9007199254740993.0")
@example(name="weight", value="9007199254740993")
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


def test_of_a_name_that_is_there_twice_the_last_value_counts_in_all_ways() -> None:
    twice = written(WRITTEN)[:-1] + b',"weight":3.5}'
    assert alike(STRICT, twice) == 2
    ((_, _, weight, *_),) = reading.read_rows(json.loads(twice), asked_columns(STRICT))
    assert weight == 3.5


def written(row: dict[str, str]) -> bytes:
    """Return a row whose values are JSON already, as its caller would write it."""
    parts = (f"{json.dumps(name)}: {value}" for name, value in row.items())
    return f"{{{', '.join(parts)}}}".encode("utf-8", "surrogatepass")


def alike(contract: Contract, body: bytes) -> int:
    """Compare with the reading what is taken of a body; returns how many readers took it."""
    taken = 0
    for reader in READERS[id(contract)]:
        try:
            found, is_list = reader.read_json(body)
        except (msgspec.MsgspecError, ValueError):
            continue
        sent = json.loads(body.decode())
        assert typed(found) == typed(reading.read_rows(sent, asked_columns(contract)))
        assert is_list == isinstance(sent, list)
        taken += 1
    return taken


def typed(rows: list[tuple[Any, ...]]) -> list[Any]:
    return [[(type(value), value) for value in row] for row in rows]
