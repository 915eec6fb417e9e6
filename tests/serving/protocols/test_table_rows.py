"""Tables are compared with the contract before a row is looked at, and read part by part."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from shared.serving.protocols import columnar
from shared.serving.protocols.table_rows import FIRST_ROWS, PART_ROWS, TableReader
from shared.serving.request_rows.reading import read_columns, rows_of
from shared.serving.request_rows.rows import Values, asked_columns
from shared.serving.request_rows.validation_errors import InvalidRows
from tests.serving.hostile import parquet, stream
from tests.serving.parcels import PARCELS

COLUMNS = asked_columns(PARCELS)
ROWS = FIRST_ROWS + PART_ROWS + 3
WRITTEN = {columnar.ARROW: stream, columnar.PARQUET: parquet}


def parcels(rows: int, **other: Any) -> pa.Table:
    day = datetime(2013, 5, 1, tzinfo=UTC)
    columns: Mapping[str, Any] = {
        "parcel": [f"P{at}" for at in range(rows)],
        "sent": pa.array([day] * rows, pa.timestamp("us", "UTC")),
        "weight": np.arange(rows) / 4,
        "fragile": [True, False, True][:rows] if rows <= 3 else [True] * rows,
        "carrier": pa.array(["owl", None, "dove"] * rows).slice(0, rows).dictionary_encode(),
        "floor": pa.array(np.arange(rows)),
    }
    return pa.table({**columns, **other})


def read(table: pa.Table, kind: bytes) -> list[Values]:
    parts = TableReader(COLUMNS, 100_000).read(WRITTEN[kind](table), kind)
    return [row for part in parts for row in rows_of(part)]


def errors(table: pa.Table, kind: bytes) -> list[tuple[int | None, str, str]]:
    with pytest.raises(InvalidRows) as invalid:
        read(table, kind)
    return [(error.row, error.field, error.problem) for error in invalid.value.errors]


def outcome(reading: Callable[[], list[Values]]) -> Any:
    """Return what is read, or what is wrong."""
    try:
        return reading()
    except InvalidRows as invalid:
        return invalid.body


@pytest.mark.parametrize("kind", WRITTEN)
def test_a_table_of_many_parts_is_read_as_its_columns_are(kind: bytes) -> None:
    table = parcels(ROWS)
    came = dict(zip(table.column_names, table.columns, strict=True))
    assert read(table, kind) == read_columns(came, ROWS, COLUMNS)


@pytest.mark.parametrize("kind", WRITTEN)
@pytest.mark.parametrize(
    "column",
    [
        pa.array([Decimal("1.5"), None, Decimal("3")]),
        pa.array(["1.5", "", "3"]).dictionary_encode(),
        pa.array([1.5, None, 3], pa.float16()),
        pa.array([1, 2, 3]).dictionary_encode(),
        pa.array(["1.5", "2", "3"], pa.large_string()),
        pa.nulls(3),
    ],
)
def test_whatever_holds_a_value_it_is_read_as_at_every_door(kind: bytes, column: pa.Array) -> None:
    table = parcels(3, floor=pa.nulls(3), weight=column)
    came = dict(zip(table.column_names, table.columns, strict=True))
    assert outcome(lambda: read(table, kind)) == outcome(lambda: read_columns(came, 3, COLUMNS))


@pytest.mark.parametrize("kind", WRITTEN)
def test_names_and_types_are_told_once_and_before_any_value(kind: bytes) -> None:
    wrong = parcels(3, floor=pa.array(["x"] * 3), more=[1, 2, 3], weight=pa.array([[1]] * 3))
    assert [(row, name) for row, name, _ in errors(wrong, kind)] == [(0, "weight"), (0, "more")]
    assert errors(parcels(3).drop_columns(["weight"]), kind) == [(0, "weight", "missing")]
    ((_, _, words),) = errors(parcels(3, __index_level_0__=[4, 5, 6]), kind)
    assert words.endswith("; it is the index of pandas: write the table with index=False")
    many = pa.table({f"n{at}": pa.nulls(3) for at in range(300)})
    assert len(errors(many, kind)) == 100


@pytest.mark.parametrize("kind", WRITTEN)
def test_a_wrong_value_has_the_place_of_its_row_in_whichever_part_it_is(kind: bytes) -> None:
    weights: list[Any] = ["1"] * ROWS
    for at in (2, FIRST_ROWS, ROWS - 1):
        weights[at] = "heavy"
    wrong = [(at, "weight", "not a number") for at in (2, FIRST_ROWS, ROWS - 1)]
    assert errors(parcels(ROWS, weight=weights), kind) == wrong
    assert len(errors(parcels(ROWS, weight=["x"] * ROWS), kind)) == 100
