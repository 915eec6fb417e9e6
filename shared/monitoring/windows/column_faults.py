"""What of a file's columns the contract cannot read, or misses: counted by its words."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from shared.schema.contract import Contract, ContractColumn
from shared.schema.reading import read_column
from shared.schema.violations import EXAMPLES, examples_of
from shared.words import number_of

MISSING = "missing"


@dataclass(frozen=True)
class Fault:
    """How many rows have a fault, with the first few values that have it."""

    rows: int
    examples: tuple[str, ...] = ()

    def __add__(self, other: "Fault") -> "Fault":
        examples = dict.fromkeys([*self.examples, *other.examples])
        return Fault(self.rows + other.rows, tuple(examples)[:EXAMPLES])

    @property
    def words(self) -> str:
        """How many rows there are, with the examples."""
        seen = f", such as {', '.join(self.examples)}" if self.examples else ""
        return f"{number_of(self.rows, 'row')}{seen}"


Faults = dict[tuple[str, str], Fault]
"""Faults by the column's name and what is wrong in words."""


@dataclass(frozen=True)
class ReadTable:
    """A table's columns as the contract reads them, null in the rows that are `unreadable`."""

    table: pa.Table
    unreadable: dict[str, np.ndarray] = field(default_factory=dict)
    faults: Faults = field(default_factory=dict)


def merged(one: Mapping[tuple[str, str], Fault], other: Mapping[tuple[str, str], Fault]) -> Faults:
    """Add the faults of two tables."""
    return {
        key: one[key] + other[key] if key in one and key in other else fault
        for key, fault in {**one, **other}.items()
    }


def read_table(table: pa.Table, contract: Contract) -> ReadTable:
    """Read the key, the time and the features of a table; other columns stay as they came."""
    unreadable: dict[str, np.ndarray] = {}
    faults: Faults = {}
    names, columns = table.column_names, table.columns
    for name in (contract.key, contract.time, *contract.features):
        if name not in names:
            continue
        at = names.index(name)
        columns[at], wrong, found = read_counted(columns[at], contract[name])
        faults |= found
        if wrong is not None:
            unreadable[name] = wrong
    read = pa.Table.from_arrays(columns, names).replace_schema_metadata(table.schema.metadata)
    return ReadTable(read, unreadable, faults | _missing(read, contract, unreadable))


def read_counted(
    came: pa.ChunkedArray, expected: ContractColumn
) -> tuple[pa.ChunkedArray, np.ndarray | None, Faults]:
    """Read a column: its values, where it is unreadable (None if nowhere), and its faults."""
    reading = read_column(came, expected)
    if not reading.unreadable:
        return reading.values, None, {}
    faults = {
        (expected.name, words): fault_of(came, rows) for words, rows in reading.unreadable.items()
    }
    return reading.values, np.logical_or.reduce([*reading.unreadable.values()]), faults


def fault_of(came: pa.ChunkedArray, rows: np.ndarray) -> Fault:
    """Count the rows of a column with a fault, and show the first few different values."""
    return Fault(int(rows.sum()), examples_of(came, rows))


def _missing(table: pa.Table, contract: Contract, unreadable: Mapping[str, np.ndarray]) -> Faults:
    """Count the rows without a key or a time: without features they are counted by the profile."""
    faults: Faults = {}
    for name in (contract.key, contract.time):
        rows = table.num_rows
        if name in table.column_names:
            wrong = unreadable.get(name)
            rows = table[name].null_count - (int(wrong.sum()) if wrong is not None else 0)
        if rows:
            faults[name, MISSING] = Fault(rows)
    return faults
