"""Rows of an Arrow table held against a contract one by one: typed, or refused with reasons."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shared.schema import arrow
from shared.schema.column_reading import ARROW_TYPES, ColumnReading
from shared.schema.contract import Contract, ContractColumn
from shared.schema.number_texts import as_written
from shared.schema.reading import read_column

NO_CATEGORY = "not a known category"


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


def arrow_schema(contract: Contract, names: Sequence[str]) -> pa.Schema:
    """Return the Arrow types of some of a contract's columns."""
    return pa.schema([(name, ARROW_TYPES[contract[name].type]) for name in names])


def screen(table: pa.Table, contract: Contract, names: Sequence[str]) -> Screened:
    """Read some columns of a table by the contract, and refuse the rows that break it.

    A column that the table does not have is missing in every row.
    """
    typed: dict[str, pa.ChunkedArray] = {}
    faults: list[tuple[str, np.ndarray]] = []
    for name in names:
        column = contract[name]
        came = table[name] if name in table.column_names else _absent(table.num_rows)
        reading = read_column(came, column)
        typed[name] = reading.values
        faults += [(f"{name}: {words}", rows) for words, rows in enforced_faults(reading, column)]
    rows = pa.table(typed)
    if not faults:
        return Screened(rows, as_written(table.slice(0, 0)), [], None)
    wrong = np.logical_or.reduce([fault for _, fault in faults])
    places = np.flatnonzero(wrong)
    reasons = ["; ".join(words for words, fault in faults if fault[at]) for at in places]
    kept = np.flatnonzero(~wrong)
    rejected = as_written(table.take(pa.array(places)))
    return Screened(rows.take(pa.array(kept)), rejected, reasons, kept)


def enforced_faults(
    reading: ColumnReading, expected: ContractColumn
) -> list[tuple[str, np.ndarray]]:
    """Return what is wrong with a column, in words, and in which rows: what refuses a row."""
    faults = [*reading.unreadable.items()]
    if reading.values.null_count and not expected.nullable:
        missing = reading.values.is_null().to_numpy()
        for _, rows in faults:
            missing = missing & ~rows
        faults.append(("missing", missing))
    if expected.outside == "refuse":
        faults += outside(reading.values, expected)
    return [(words, rows) for words, rows in faults if rows.any()]


def outside(values: pa.ChunkedArray, expected: ContractColumn) -> list[tuple[str, np.ndarray]]:
    """Return where values are beyond the column's range, or none of its categories, in words."""
    found = []
    if expected.minimum is not None or expected.maximum is not None:
        numbers = arrow.numbers(values)[0]
        low = -np.inf if expected.minimum is None else expected.minimum
        high = np.inf if expected.maximum is None else expected.maximum
        found.append((expected.out_of_range, (numbers < low) | (numbers > high)))
    if expected.categories is not None:
        listed = pa.array(expected.categories, pa.string())
        known = pc.or_(pc.is_in(values.cast(pa.string()), listed), values.is_null())
        found.append((NO_CATEGORY, ~known.to_numpy()))
    return found


def _absent(rows: int) -> pa.ChunkedArray:
    return pa.chunked_array([pa.nulls(rows)])
