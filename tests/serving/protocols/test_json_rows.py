"""The reader of bodies, whichever way a body takes."""

import json
from typing import Any

import pytest

from shared.schema.column_reading import LOSES_DIGITS
from shared.schema.texts import TOO_LONG
from shared.serving.protocols.json_rows import QUICK_BYTES, RowReader
from shared.serving.request_rows import reading
from shared.serving.request_rows.rows import asked_columns
from shared.serving.request_rows.validation_errors import InvalidRows
from tests.serving.parcels import MOMENT, PARCEL, PARCELS

READER = RowReader(asked_columns(PARCELS))


@pytest.mark.parametrize(
    "other",
    [
        {},
        {"weight": 2},
        {"floor": 3.0, "carrier": 7},
        {"weight": "2.5", "fragile": "yes", "sent": "2013-05-01"},
        {"floor": None},
    ],
)
def test_a_body_is_read_as_the_reading_has_it_whatever_way_it_takes(other: dict[str, Any]) -> None:
    row = PARCEL | other
    for body in (row, [PARCEL, row]):
        expected = reading.read_rows(body, READER.columns)
        assert READER.read_json(json.dumps(body).encode()) == (expected, isinstance(body, list))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the body is not JSON: Expecting value: line 1 column 1 (char 0)"),
        (b"\xff\xfe\x00", "the body is not JSON in UTF-8"),
        (b"\xef\xbb\xbf[]", "the body is not JSON: Unexpected UTF-8 BOM"),
        (b"[{}] {}", "the body is not JSON: Extra data: line 1 column 6 (char 5)"),
        (b'{"parcel": ', "the body is not JSON: Expecting value"),
        (b"9" * 5_000, "not a row: an object with a value for each name"),
        (b"[" * 100_000, "the body is not JSON: nested too deep"),
        (b"null", "not a row: an object with a value for each name"),
        (b"[]", "there are no rows"),
        (b"{}", "missing"),
    ],
)
def test_what_is_no_row_is_refused_in_words(content: bytes, words: str) -> None:
    with pytest.raises(InvalidRows) as caught:
        READER.read_json(content)
    assert caught.value.errors[0].problem.startswith(words)


@pytest.mark.parametrize("digits", [1_501, 5_000])
@pytest.mark.parametrize("filled", [b"", b" " * QUICK_BYTES])
def test_digits_of_any_number_are_refused_alike_in_quotes_and_without(
    digits: int, filled: bytes
) -> None:
    told = {"weight": LOSES_DIGITS, "floor": LOSES_DIGITS, "carrier": TOO_LONG, "parcel": TOO_LONG}
    for name, words in told.items():
        for value in (b"9" * digits, b'"%s"' % (b"9" * digits), b"-" + b"9" * digits):
            row = json.dumps(PARCEL | {name: None}).encode().replace(b"null", value)
            with pytest.raises(InvalidRows) as caught:
                READER.read_json(b"[%s%s]" % (row, filled))
            assert [(e.field, e.problem) for e in caught.value.errors] == [(name, words)]


def test_nan_is_null_where_a_contract_allows_it() -> None:
    row = json.dumps(PARCEL | {"carrier": float("nan"), "floor": float("nan")}).encode()
    expected = ("P1", MOMENT, 2.5, True, None, None)
    assert READER.read_json(row) == ([expected], False)
    with pytest.raises(InvalidRows) as caught:
        READER.read_json(json.dumps(PARCEL | {"weight": float("nan")}).encode())
    assert caught.value.errors[0].problem == "missing"


def test_columns_that_are_there_already_are_read_as_rows() -> None:
    columns = {name: [value] * 2 for name, value in PARCEL.items()}
    assert READER.read_columns(columns) == [("P1", MOMENT, 2.5, True, None, None)] * 2
    for count in (0, 10_001):
        with pytest.raises(InvalidRows):
            READER.read_columns({name: [value] * count for name, value in PARCEL.items()})


@pytest.mark.parametrize("weight", ["much", {}, [{}]])
def test_all_rows_of_a_refused_list_are_counted_whatever_stands_in_them(weight: Any) -> None:
    body = json.dumps([PARCEL | {"weight": weight}] * reading.MOST_ROWS).encode()
    with pytest.raises(InvalidRows) as refused:
        READER.read_json(body)
    assert refused.value.refused.rows == reading.MOST_ROWS
