"""The one reading of values: a column as it came, whatever its type, as the contract's type has it.

Every entrance uses it: the same value is taken, or refused, with the same words at all of them.
"""

import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from shared.schema import arrow
from shared.schema.booleans import read_booleans
from shared.schema.column_reading import (
    ARROW_TYPES,
    MOMENT,
    NOT_OF_TYPE,
    ColumnReading,
    all_unreadable,
)
from shared.schema.contract import Contract, ContractColumn
from shared.schema.number_texts import NumberTexts, with_points
from shared.schema.numbers import MAX_INTEGER, MIN_INTEGER, read_integers, read_numbers
from shared.schema.texts import read_texts
from shared.schema.times import read_times

PLAIN_KINDS = {bool, int, float, str}
PLAIN_TYPES = {
    "large_string": pa.string(),
    "halffloat": pa.float64(),
}
READERS: dict[str, Callable[[pa.ChunkedArray, ContractColumn], ColumnReading]] = {
    "number": read_numbers,
    "integer": read_integers,
    "boolean": read_booleans,
    "time": read_times,
}


def read_column(came: pa.ChunkedArray, expected: ContractColumn) -> ColumnReading:
    """Read a column as the contract's type; NaN is missing, and so is null.

    Shapes: n values in, n values out. No value is guessed: what is no whole number, time or text
    by the table in docs/values.md is unreadable, and none loses a digit.
    """
    came = plain_column(came)
    if pa.types.is_null(came.type):
        return ColumnReading(came.cast(ARROW_TYPES[expected.type]))
    if expected.type in ("category", "text"):
        return read_texts(came, expected)
    if pa.types.is_dictionary(came.type):
        came = plain_column(came.cast(came.type.value_type))
    return READERS[expected.type](came, expected)


def read_values(values: Sequence[Any], expected: ContractColumn) -> ColumnReading:
    """Read Python's values, of several types perhaps, each as `read_column` reads its type."""
    if len(alike := set(map(type, values)) - {type(None)}) == 1 and alike < PLAIN_KINDS:
        return _read_alike(values, alike.pop(), expected)
    kinds = [_kind(value) for value in values]
    made = np.full(len(values), None, dtype=object)
    unreadable: dict[str, np.ndarray] = {}
    for kind in dict.fromkeys(kinds):
        if kind is None:
            continue
        places = np.array([at for at, other in enumerate(kinds) if other is kind])
        reading = _read_alike([values[at] for at in places], kind, expected)
        made[places] = np.array([*reading.values.to_pylist(), None], dtype=object)[:-1]
        for words, rows in reading.unreadable.items():
            mask = unreadable.setdefault(words, np.zeros(len(values), dtype=bool))
            mask[places[rows]] = True
    array = pa.array(made.tolist(), ARROW_TYPES[expected.type])
    return ColumnReading(pa.chunked_array([array]), unreadable)


def read_series(values: pd.Series | pa.ChunkedArray, expected: ContractColumn) -> ColumnReading:
    """Read a column of a frame, whose objects may be of several types, or of an Arrow table."""
    if isinstance(values, pa.ChunkedArray):
        return read_column(values, expected)
    try:
        return read_column(_chunked(values), expected)
    except arrow.NOT_HELD:
        return read_values(values.tolist(), expected)


def typed_frame(
    table: pd.DataFrame | pa.Table | dict[str, pa.ChunkedArray], contract: Contract
) -> pd.DataFrame:
    """Return the contract's columns of a table, read; missing is what could not be.

    Times are in UTC, with nanoseconds; texts are texts, also of a dictionary; whole numbers beside
    gaps are floats, as long as no digit is lost by it. Columns are taken out of a dict of them, so
    that no column need be in memory twice.
    """
    columns = {}
    for column in contract.columns:
        came = table.pop(column.name) if isinstance(table, dict) else table[column.name]
        columns[column.name] = _pandas(read_series(came, column).values, column)
        del came
        pa.default_memory_pool().release_unused()
    return pd.DataFrame(columns, copy=False)


def _pandas(values: pa.ChunkedArray, column: ContractColumn) -> pd.Series:
    if pa.types.is_dictionary(values.type):
        return values.cast(values.type.value_type).to_pandas()
    if pa.types.is_timestamp(values.type):
        return values.cast(pa.timestamp("ns", values.type.tz)).to_pandas()
    if pa.types.is_int64(values.type) and values.null_count:
        whole = read_column(values, ContractColumn(name="whole", type="number"))
        lossy = bool(whole.unreadable)
        return values.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get if lossy else None)
    # Texts are mostly different: a table of those seen would take more than it saves.
    return values.to_pandas(deduplicate_objects=column.type != "text")


def column_of(table: pd.DataFrame | pa.Table, name: str) -> pa.ChunkedArray:
    """Return a column of a table; objects of several types as their texts."""
    if isinstance(table, pa.Table):
        return plain_column(table[name])
    try:
        return plain_column(_chunked(table[name]))
    except arrow.NOT_HELD:
        return pa.chunked_array([arrow.written(table[name])])


def _chunked(values: pd.Series) -> pa.ChunkedArray:
    array = pa.array(values, from_pandas=True)
    return array if isinstance(array, pa.ChunkedArray) else pa.chunked_array([array])


def _kind(value: Any) -> Any:
    """Return the type by which a value is read; None for what is missing."""
    if value is None or value is pd.NaT or value is pd.NA:
        return None
    if isinstance(value, float | Decimal) and math.isnan(value):
        return None
    if isinstance(value, Decimal) and not value.is_finite():
        return float
    if isinstance(value, np.generic) and not isinstance(value, np.datetime64):
        value = value.item()
    for kind in (bool, int, float, str, Decimal, datetime, date, UUID):
        if isinstance(value, kind):
            return kind
    return object


def _read_alike(values: Sequence[Any], kind: Any, expected: ContractColumn) -> ColumnReading:
    """Read values of one of Python's types, and None among them."""
    if kind is object:
        return all_unreadable(len(values), NOT_OF_TYPE[expected.type], expected)
    if kind is int and not all(v is None or MIN_INTEGER <= v <= MAX_INTEGER for v in values):
        # No Arrow type holds them all: their digits do.
        values, kind = [None if value is None else str(int(value)) for value in values], str
    if kind is str:
        return _read_python_texts(values, expected)
    if kind is float:
        values = [None if value is None else float(value) for value in values]
    if kind is datetime:
        moments = [_in_utc(value) for value in values]
        return read_column(pa.chunked_array([pa.array(moments, MOMENT)]), expected)
    if kind is UUID:
        values = [str(value) for value in values]
    return read_column(pa.chunked_array([pa.array(values)]), expected)


def _in_utc(moment: datetime) -> datetime:
    stamp = pd.Timestamp(moment)
    return stamp.tz_convert("UTC") if stamp.tzinfo else stamp.tz_localize("UTC")


def _read_python_texts(values: Sequence[Any], expected: ContractColumn) -> ColumnReading:
    with suppress(UnicodeEncodeError):
        return read_column(pa.chunked_array([pa.array(values, pa.string())]), expected)
    # Half a surrogate pair, which JSON can hold, is no character.
    whole = np.array([value is None or _encodes(value) for value in values])
    held = [value if fits else None for value, fits in zip(values, whole, strict=True)]
    reading = read_column(pa.chunked_array([pa.array(held, pa.string())]), expected)
    words = NOT_OF_TYPE[expected.type]
    lacking = ~whole | reading.unreadable.get(words, np.zeros(len(values), dtype=bool))
    return ColumnReading(reading.values, {**reading.unreadable, words: lacking})


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def plain_column(came: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column of an Arrow type that the readers know."""
    kind = came.type
    if isinstance(kind, pa.BaseExtensionType):
        if kind.extension_name == "arrow.uuid":
            return _uuid_texts(came)
        stored = pa.chunked_array([chunk.storage for chunk in came.chunks], kind.storage_type)
        return with_points(stored, kind) if isinstance(kind, NumberTexts) else plain_column(stored)
    if (held := arrow.without_view(kind)) != kind:
        return plain_column(came.cast(held))
    if pa.types.is_dictionary(kind) and not _are_coded_texts(came):
        # What is of a type of somebody's own, Arrow does not cast.
        chunks = [chunk.dictionary.take(chunk.indices) for chunk in came.chunks]
        return plain_column(pa.chunked_array(chunks, kind.value_type))
    if pa.types.is_run_end_encoded(kind):
        return plain_column(pc.run_end_decode(came))
    plain = PLAIN_TYPES.get(str(kind))
    return came.cast(plain) if plain else came


def _are_coded_texts(came: pa.ChunkedArray) -> bool:
    # Of nulls in the dictionary itself Arrow's count of them knows nothing.
    return pa.types.is_string(came.type.value_type) and not any(
        chunk.dictionary.null_count for chunk in came.chunks
    )


def _uuid_texts(came: pa.ChunkedArray) -> pa.ChunkedArray:
    texts = [None if value is None else str(value) for value in came.to_pylist()]
    return pa.chunked_array([pa.array(texts, pa.string())])
