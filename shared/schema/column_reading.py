"""What came of reading a column: its values by the contract, and what could not be read."""

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from shared.schema.contract import ColumnType, ContractColumn

MOMENT = pa.timestamp("us", tz="UTC")
ARROW_TYPES: dict[ColumnType, pa.DataType] = {
    "number": pa.float64(),
    "integer": pa.int64(),
    "category": pa.string(),
    "boolean": pa.bool_(),
    "time": MOMENT,
    "text": pa.string(),
}
NOT_OF_TYPE = {
    "number": "not a number",
    "integer": "not a whole number",
    "category": "not a text",
    "boolean": "not a boolean",
    "time": "not a time (ISO 8601: 2013-05-01, 2013-05-01T17:15 or 2013-05-01T17:15:00.25+02:00)",
    "text": "not a text",
}
LOSES_DIGITS = "a whole number of more digits than can be kept"
FIRST_UNSURE_FLOAT = 2.0**53


@dataclass(frozen=True)
class ColumnReading:
    """A column's values, and what could not be read of them.

    `values` are of the contract's Arrow type, or texts that are dictionary-encoded as they came;
    null where a value is missing or unreadable. `unreadable` has by its words where that is so,
    a boolean for each row; a row has one of them at most.
    """

    values: pa.ChunkedArray
    unreadable: dict[str, np.ndarray] = field(default_factory=dict)


def are_finite(found: np.ndarray) -> bool:
    """Tell whether no number is NaN or infinite: the least and the largest tell it of all."""
    return not len(found) or bool(np.isfinite(found.min()) and np.isfinite(found.max()))


def all_unreadable(rows: int, words: str, expected: ContractColumn) -> ColumnReading:
    nothing = pa.chunked_array([pa.nulls(rows, ARROW_TYPES[expected.type])])
    return ColumnReading(nothing, {words: np.ones(rows, dtype=bool)} if rows else {})


def of_no_kind(came: pa.ChunkedArray, expected: ContractColumn) -> ColumnReading:
    """Read a column of a type that nothing of the contract's type can be: all but the missing."""
    wrong = ~missing_rows(came)
    nothing = pa.chunked_array([pa.nulls(len(came), ARROW_TYPES[expected.type])])
    return reading_of(nothing, (NOT_OF_TYPE[expected.type], wrong))


def reading_of(values: pa.ChunkedArray, *unreadable: tuple[str, np.ndarray]) -> ColumnReading:
    return ColumnReading(values, {words: rows for words, rows in unreadable if rows.any()})


def missing_rows(came: pa.ChunkedArray) -> np.ndarray:
    return came.is_null(nan_is_null=True).to_numpy()


def masked_array(values: np.ndarray, lacking: np.ndarray, kind: pa.DataType) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(values, kind, mask=lacking)])
