"""Rows of an Arrow table held against a contract one by one: typed, or refused with reasons.

What is refused is what `checks` enforces, and what a server would not answer; here it is looked for
in whole columns, so that millions of rows can be screened.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from shared.schema import arrow
from shared.schema.contract import Contract, ContractColumn

MOMENT = pa.timestamp("us", tz="UTC")
TYPES = {
    "number": pa.float64(),
    "integer": pa.int64(),
    "category": pa.string(),
    "boolean": pa.bool_(),
    "time": MOMENT,
    "text": pa.string(),
}
NAMES = {
    "number": "not a number",
    "integer": "not a whole number",
    "category": "not a text",
    "boolean": "not a boolean",
    "time": "not a time",
    "text": "not a text",
}
TRUTHS = {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False}
# Beyond it a float64 no longer tells neighbouring whole numbers apart.
MOST_WHOLE = 2.0**53
Typed = tuple[pa.ChunkedArray, np.ndarray | None]


@dataclass(frozen=True)
class Screened:
    """A table's rows that keep to the contract, typed by it, and those that do not.

    Texts of `rows` may be dictionary-encoded, as they came.

    `rows` and `rejected` have columns as the contract names them; `rejected` holds the values as
    they came. `kept` are the places of `rows` in the table, None where all are.
    """

    rows: pa.Table
    rejected: pa.Table
    reasons: list[str]
    kept: np.ndarray | None


def schema(contract: Contract, names: Sequence[str]) -> pa.Schema:
    """Return the Arrow types of some of a contract's columns."""
    return pa.schema([(name, TYPES[contract[name].type]) for name in names])


def screen(table: pa.Table, contract: Contract, names: Sequence[str]) -> Screened:
    """Type some columns of a table as the contract has them, and refuse the rows that break it.

    A column that the table does not have is missing in every row. A text that reads as a number, a
    truth or a time is taken as one, since files of texts hold them so.
    """
    typed: dict[str, pa.ChunkedArray] = {}
    faults: list[tuple[str, np.ndarray]] = []
    for name in names:
        column = contract[name]
        came = table[name] if name in table.column_names else _absent(table.num_rows)
        typed[name], unreadable = _typed(came, column)
        faults += _faults(typed[name], unreadable, column)
    rows = pa.table(typed)
    if not faults:
        return Screened(rows, table.slice(0, 0), [], None)
    wrong = np.logical_or.reduce([fault for _, fault in faults])
    places = np.flatnonzero(wrong)
    reasons = ["; ".join(words for words, fault in faults if fault[at]) for at in places]
    kept = np.flatnonzero(~wrong)
    return Screened(rows.take(pa.array(kept)), table.take(pa.array(places)), reasons, kept)


def _absent(rows: int) -> pa.ChunkedArray:
    return pa.chunked_array([pa.nulls(rows)])


def _typed(column: pa.ChunkedArray, wanted: ContractColumn) -> Typed:
    """Return a column typed, and where it could not be; what could not is missing."""
    kind = column.type
    if pa.types.is_null(kind):
        return column.cast(TYPES[wanted.type]), None
    if wanted.type in ("category", "text"):
        return _texts(column)
    if pa.types.is_dictionary(kind):
        column = column.cast(kind.value_type)
    if wanted.type == "time":
        return _times(column)
    if wanted.type == "boolean":
        return _truths(column)
    return _numbers(column, whole=wanted.type == "integer")


def _texts(column: pa.ChunkedArray) -> Typed:
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if pa.types.is_string(kind):
        return column, None
    if pa.types.is_large_string(kind):
        return column.cast(pa.string()), None
    if pa.types.is_integer(kind):
        return column.cast(pa.string()), None
    found = column.cast(kind)
    missing = found.is_null(nan_is_null=True).to_numpy()
    return _absent(len(column)).cast(pa.string()), None if missing.all() else ~missing


def _times(column: pa.ChunkedArray) -> Typed:
    kind = column.type
    if pa.types.is_timestamp(kind):
        if kind.tz is None:
            column = column.cast(pa.timestamp(kind.unit, "UTC"))
        return column.cast(MOMENT, safe=False), None
    if pa.types.is_date(kind):
        return column.cast(pa.timestamp("us")).cast(MOMENT), None
    missing = column.is_null(nan_is_null=True).to_numpy()
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        return _absent(len(column)).cast(MOMENT), None if missing.all() else ~missing
    found = pd.to_datetime(column.to_pandas(), utc=True, errors="coerce", format="ISO8601")
    unread = found.isna().to_numpy() & ~missing
    made = pa.chunked_array([pa.array(found, pa.timestamp("ns", tz="UTC"), from_pandas=True)])
    return made.cast(MOMENT, safe=False), unread if unread.any() else None


def _truths(column: pa.ChunkedArray) -> Typed:
    if pa.types.is_boolean(column.type):
        return column, None
    missing = column.is_null(nan_is_null=True).to_numpy()
    if pa.types.is_integer(column.type) or pa.types.is_floating(column.type):
        found = arrow.numbers(column)[0]
        known, truth = np.isin(found, (0, 1)), found == 1
    else:
        read = column.to_pandas().map(lambda v: TRUTHS.get(str(v).strip().lower()))
        known, truth = read.notna().to_numpy(), read.eq(True).to_numpy()
    unread = ~known & ~missing
    made = pa.chunked_array([pa.array(truth, mask=~known)])
    return made, unread if unread.any() else None


def _numbers(column: pa.ChunkedArray, *, whole: bool) -> Typed:
    if whole and pa.types.is_integer(column.type):
        return column.cast(pa.int64()), None
    if pa.types.is_integer(column.type) or pa.types.is_boolean(column.type):
        return column.cast(pa.float64(), safe=False), None
    found, missing = arrow.numbers(column)
    unread = np.isnan(found) & ~missing
    if whole:
        unread |= ~missing & ((np.mod(found, 1) != 0) | (np.abs(found) > MOST_WHOLE))
    if not unread.any() and column.type == pa.float64() and not whole:
        # Nothing there is to be changed, but for NaN, which is missing.
        return _without_nan(column), None
    lacking = missing | unread
    if whole:
        found = np.where(lacking, 0, found).astype("int64")
    made = pa.chunked_array([pa.array(found, mask=lacking)])
    return made, unread if unread.any() else None


def _without_nan(column: pa.ChunkedArray) -> pa.ChunkedArray:
    strange = pc.is_nan(column)
    if not pc.any(strange).as_py():
        return column
    return pc.if_else(strange, pa.scalar(None, pa.float64()), column)


def _faults(
    column: pa.ChunkedArray, unreadable: np.ndarray | None, wanted: ContractColumn
) -> list[tuple[str, np.ndarray]]:
    """Return what is wrong in which rows of a column."""
    found: list[tuple[str, np.ndarray]] = []
    if unreadable is not None:
        found.append((f"{wanted.name}: {NAMES[wanted.type]}", unreadable))
    if column.null_count and not wanted.nullable:
        missing = column.is_null().to_numpy()
        if unreadable is not None:
            missing = missing & ~unreadable
        found.append((f"{wanted.name}: missing", missing))
    if wanted.outside == "refuse":
        found += _outside(column, wanted)
    return [(words, fault) for words, fault in found if fault.any()]


def _outside(column: pa.ChunkedArray, wanted: ContractColumn) -> list[tuple[str, np.ndarray]]:
    found = []
    if wanted.minimum is not None or wanted.maximum is not None:
        numbers = arrow.numbers(column)[0]
        low = -np.inf if wanted.minimum is None else wanted.minimum
        high = np.inf if wanted.maximum is None else wanted.maximum
        found.append((f"{wanted.name}: {wanted.out_of_range}", (numbers < low) | (numbers > high)))
    if wanted.categories is not None:
        listed = pa.array(wanted.categories, pa.string())
        known = pc.or_(pc.is_in(column.cast(pa.string()), listed), column.is_null())
        found.append((f"{wanted.name}: not a known category", ~known.to_numpy()))
    return found
