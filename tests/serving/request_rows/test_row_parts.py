"""Rows read part by part: as rows read at once, and no further than is needed."""

from typing import Any

import pytest

from shared.serving.request_rows.reading import read_rows
from shared.serving.request_rows.row_parts import PART_ROWS, RowParts
from shared.serving.request_rows.rows import Values, asked_columns
from shared.serving.request_rows.validation_errors import InvalidRows
from tests.serving.parcels import PARCEL, PARCELS

COLUMNS = asked_columns(PARCELS)
MANY = 2 * PART_ROWS + 10


def read(*rows: Any, most: int = 10_000) -> list[Values]:
    parts = RowParts(COLUMNS, most)
    for row in rows:
        parts.add(row)
    return parts.rows()


def errors(*rows: Any, most: int = 10_000) -> list[tuple[int | None, str, str]]:
    with pytest.raises(InvalidRows) as invalid:
        read(*rows, most=most)
    return [(error.row, error.field, error.problem) for error in invalid.value.errors]


def test_many_parts_are_read_as_one() -> None:
    rows = [PARCEL | {"parcel": f"P{at}", "floor": at} for at in range(MANY)]
    assert read(*rows) == read_rows(rows, COLUMNS)


def test_errors_of_all_parts_have_the_places_of_their_rows() -> None:
    rows: list[Any] = [PARCEL] * MANY
    for at in (3, PART_ROWS, 2 * PART_ROWS + 9):
        rows[at] = PARCEL | {"weight": "x"}
    wrong = [(at, "weight", "not a number") for at in (3, PART_ROWS, 2 * PART_ROWS + 9)]
    assert errors(*rows) == wrong


def test_behind_a_wrong_name_nothing_is_read() -> None:
    parts = RowParts(COLUMNS, 10_000)
    taken = 0

    def add() -> None:
        nonlocal taken
        for _ in range(MANY):
            parts.add(PARCEL | {"colour": 1})
            taken += 1

    with pytest.raises(InvalidRows) as invalid:
        add()
    assert [(e.row, e.field) for e in invalid.value.errors] == [(0, "colour")]
    assert taken == PART_ROWS - 1


def test_there_are_a_hundred_errors_at_most_and_no_more_rows_than_are_taken() -> None:
    assert len(errors(*[PARCEL | {"weight": "x"}] * MANY)) == 100
    assert len(errors({f"n{at}": at for at in range(5_000)})) == 100
    assert errors(*[PARCEL] * 6, most=5)[0][2] == "there are more than 5 rows: send them in parts"
    assert errors()[0][2] == "there are no rows"
    assert errors(PARCEL, [])[0][0] == 1


def test_what_is_large_is_as_wrong_as_it_was() -> None:
    large = PARCEL | {"carrier": "x" * 100_000, "weight": [[]] * 1_000, "floor": {"a": "b" * 1_000}}
    assert errors(large) == [(e.row or 0, e.field, e.problem) for e in _whole(large)]


@pytest.mark.parametrize("name", ["weight", "floor"])
def test_digits_are_read_to_their_end(name: str) -> None:
    row = PARCEL | {name: "0" * 1_001 + "7"}
    assert read(row) == read_rows([row], COLUMNS)


def _whole(row: dict[str, Any]) -> list[Any]:
    with pytest.raises(InvalidRows) as invalid:
        read_rows([row], COLUMNS)
    return list(invalid.value.errors)
