"""Columns of an Arrow table as numbers, texts and hours, whatever their type there has become."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from shared.errors import Refusal
from shared.schema.column_reading import are_finite
from shared.schema.contract import ContractColumn
from shared.schema.times import read_times

HOUR_SECONDS = 3_600
MOST_ODDS = 8.0
PLAIN = (str, bool, int, float, Decimal, date, UUID, np.generic)
MOMENT = ContractColumn(name="time", type="time", nullable=True)


# What Arrow raises for values of several types, and for those that it has no type for.
NOT_HELD = (pa.ArrowException, OverflowError, UnicodeEncodeError, TypeError)


def table(frame: pd.DataFrame) -> pa.Table:
    """Return a frame as an Arrow table; a column of mixed types becomes texts.

    Raises `Refusal` where it holds what no column can be, which a text would hide.
    """
    columns = {}
    for name in frame.columns:
        try:
            columns[str(name)] = pa.array(frame[name], from_pandas=True)
        except NOT_HELD:
            _refuse_objects(str(name), frame[name])
            columns[str(name)] = written(frame[name])
    return pa.table(columns)


def written(values: pd.Series) -> pa.Array:
    """Return values as Python writes them; half a character, which no text has, by its code."""
    texts = values.map(str, na_action="ignore").map(
        lambda text: text.encode("utf-8", "backslashreplace").decode(), na_action="ignore"
    )
    return pa.array(texts, pa.string(), from_pandas=True)


def _encodes(value: Any) -> bool:
    """Tell whether a value has no half of a surrogate pair, which is no character."""
    try:
        str(value).encode()
    except UnicodeEncodeError:
        return False
    return True


def _refuse_objects(name: str, values: pd.Series) -> None:
    for value in values.dropna():
        if (
            isinstance(value, complex | bytes)
            or not isinstance(value, PLAIN)
            or not _encodes(value)
        ):
            raise Refusal(
                f"column {name!r} holds {value!r}, a {type(value).__name__}, which no column of a "
                "contract can be: make it a number, a text, a boolean or a time"
            )


def without_views(table: pa.Table) -> pa.Table:
    """Return a table whose texts and bytes, in lists as well, are no views.

    Arrow has few functions for views yet: rows of them can be neither taken nor filtered.
    """
    plain = pa.schema([field.with_type(without_view(field.type)) for field in table.schema])
    return table if plain.types == table.schema.types else table.cast(plain)


def without_view(kind: pa.DataType) -> pa.DataType:
    """Return a type that holds the same values as they are, where it has views of them."""
    if pa.types.is_string_view(kind) or pa.types.is_binary_view(kind):
        return pa.string() if pa.types.is_string_view(kind) else pa.binary()
    if pa.types.is_dictionary(kind):
        return pa.dictionary(kind.index_type, without_view(kind.value_type), kind.ordered)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        values = kind.value_field.with_type(without_view(kind.value_type))
        return pa.list_(values) if pa.types.is_list(kind) else pa.large_list(values)
    if pa.types.is_struct(kind):
        return pa.struct([field.with_type(without_view(field.type)) for field in kind.fields])
    return kind


def numbers(column: pa.ChunkedArray) -> tuple[np.ndarray, np.ndarray]:
    """Return a column as float64, NaN where it is missing or no number; and where it is missing.

    Times become seconds since 1970 (UTC). An infinite value is no number.
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        column, kind = column.cast(kind.value_type), kind.value_type
    if pa.types.is_floating(kind) and not column.null_count:
        found = column.cast(pa.float64()).to_numpy()
        if are_finite(found):
            return found, np.zeros(len(found), "bool")
    missing = column.is_null(nan_is_null=True).to_numpy()
    if pa.types.is_timestamp(kind):
        found = (
            column.cast(pa.timestamp("us", kind.tz), safe=False).cast(pa.int64()).to_numpy() / 1e6
        )
        return np.where(missing, np.nan, found) if column.null_count else found, missing
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind):
        found = column.cast(pa.float64(), safe=False).to_numpy()
    else:
        found = pd.to_numeric(column.to_pandas(), errors="coerce").to_numpy("float64")
    if np.isinf(found).any():
        found = np.where(np.isinf(found), np.nan, found)
    return found, missing


def log_odds(chances: np.ndarray) -> np.ndarray:
    """Return the logarithms of the odds, from -8 to 8; NaN for what is no probability."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.clip(np.log(chances) - np.log1p(-chances), -MOST_ODDS, MOST_ODDS)


def texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return a column as texts, written as Python writes the values."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return column
    if pa.types.is_boolean(column.type):
        return pc.if_else(column, "True", "False")
    if pa.types.is_date(column.type):
        # Python has none after the year 9999.
        return column.cast(pa.string())
    written = column.to_pandas().map(str, na_action="ignore")
    return pa.chunked_array([pa.array(written, pa.string(), from_pandas=True)])


def codes(column: pa.ChunkedArray, categories: tuple[str, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return each value's place among the categories, and where it is missing.

    One that is missing, or not among them, has the place after the last.
    """
    listed = pa.array(categories, pa.string())
    if pa.types.is_dictionary(column.type):
        coded = column.unify_dictionaries().combine_chunks()
        if isinstance(coded, pa.ChunkedArray):
            coded = coded.chunk(0)
        known = texts(pa.chunked_array([coded.dictionary]))
        places, lacking = codes(known, categories)
        found = coded.indices.fill_null(len(places)).to_numpy()
        if not coded.null_count and not lacking.any():
            return places.take(found), np.zeros(len(found), "bool")
        return np.append(places, len(listed)).take(found), np.append(lacking, True).take(found)
    written = texts(column)
    places = pc.index_in(written, value_set=listed.cast(written.type), skip_nulls=True)
    return (
        places.fill_null(len(listed)).to_numpy().astype("int64"),
        written.is_null().to_numpy(),
    )


def seconds(column: pa.ChunkedArray) -> np.ndarray:
    """Return moments as seconds since 1970 (UTC), NaN where there is none that can be read."""
    if not pa.types.is_timestamp(column.type):
        column = read_times(column, MOMENT).values
    return numbers(column)[0]
