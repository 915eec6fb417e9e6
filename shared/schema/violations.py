"""A table held against its contract: all failures at once, each counted, with examples."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from shared.schema.contract import Contract, ContractColumn
from shared.schema.reading import column_of, plain_column, read_series
from shared.schema.texts import zeros_lost
from shared.schema.times import finer_times
from shared.schema.validation import NO_CATEGORY, enforced_faults, outside
from shared.words import number_of

NOT_UNIQUE = "not unique"
FINER = "digits of a second beyond six, which are cut,"
EXAMPLES = 3
LONGEST_EXAMPLE = 40
MOST_LOOKED_AT = 100


@dataclass(frozen=True)
class Violation:
    """One way in which one column violates the contract, in so many of the rows.

    `enforced` tells a broken contract from what it only describes (an unseen category, a value
    outside the range that was observed).
    """

    column: str
    problem: str
    rows: int
    share: float
    examples: tuple[str, ...] = ()
    enforced: bool = True

    def __str__(self) -> str:
        if not self.rows:
            return f"{self.column}: {self.problem}"
        seen = f", such as {', '.join(self.examples)}" if self.examples else ""
        rows = f"{number_of(self.rows, 'row')} ({self.share:.1%})"
        if self.share == 1:
            rows = f"all {self.rows:,} rows" if self.rows > 1 else "the only row"
        return f"{self.column}: {self.problem} in {rows}{seen}"


def check(
    table: pd.DataFrame | pa.Table, contract: Contract, *, target: bool = True
) -> list[Violation]:
    """Return every violation of the contract, the enforced ones first.

    With `target` False the target's column need not be there, as in production. Any extra column
    is ignored.
    """
    expected = [c for c in contract.columns if target or c.name != contract.target]
    found: list[Violation] = []
    there = table.column_names if isinstance(table, pa.Table) else table.columns
    for column in expected:
        if column.name in there:
            found += _of_column(table[column.name], column, is_key=column.name == contract.key)
        else:
            found.append(Violation(column.name, "the column is missing", len(table), 1.0))
    return sorted(found, key=lambda b: (not b.enforced, -b.rows, b.column))


def _of_column(
    values: pd.Series | pa.ChunkedArray, column: ContractColumn, *, is_key: bool
) -> Iterator[Violation]:
    """Yield the violations of one column, whether enforced or only described."""
    reading = read_series(values, column)
    faults = [(words, rows, True) for words, rows in enforced_faults(reading, column)]
    if column.outside == "accept":
        faults += [(words, rows, False) for words, rows in outside(reading.values, column)]
    if column.type == "time":
        faults.append((FINER, finer_times(_as_it_came(values)), False))
    if is_key:
        faults.append((NOT_UNIQUE, _repeated(reading.values), True))
    for words, rows, enforced in faults:
        if count := int(rows.sum()):
            examples = () if words == "missing" else examples_of(values, rows)
            if words == NO_CATEGORY:
                examples = with_zeros(examples, column)
            yield Violation(column.name, words, count, count / len(rows), examples, enforced)


def _as_it_came(values: pd.Series | pa.ChunkedArray) -> pa.ChunkedArray:
    if isinstance(values, pd.Series):
        return column_of(values.to_frame("values"), "values")
    return plain_column(values)


def _repeated(values: pa.ChunkedArray) -> np.ndarray:
    """Return which of the values are there more than once; what is missing is not."""
    if pa.types.is_dictionary(values.type):
        # Arrow counts no distinct values of a dictionary.
        values = values.cast(values.type.value_type)
    if pa.types.is_integer(values.type) and _all_differ(values):
        return np.zeros(len(values), dtype=bool)
    if pc.count_distinct(values).as_py() == len(values) - values.null_count:
        return np.zeros(len(values), dtype=bool)
    codes = [pc.fill_null(each.indices, -1) for each in values.dictionary_encode().chunks]
    places = pa.chunked_array(codes, pa.int32()).to_numpy() + 1
    return (np.bincount(places) > 1)[places] & (places > 0)


def _all_differ(whole: pa.ChunkedArray) -> bool:
    """Tell whether no two numbers are alike; sorted, they are sooner told than counted."""
    there = whole.drop_null().to_numpy()
    if (there[1:] > there[:-1]).all():
        return True
    rising = np.sort(there)
    return not (rising[1:] == rising[:-1]).any()


def with_zeros(examples: Sequence[str], column: ContractColumn) -> tuple[str, ...]:
    """Name the category beside a value that is one without its leading zeros."""
    lost = zeros_lost((each.strip("'") for each in examples), column.categories or ())
    of = ((each, lost.get(each.strip("'"))) for each in examples)
    return tuple(f"{each} ({known!r} without its zeros?)" if known else each for each, known in of)


def examples_of(values: pd.Series | pa.ChunkedArray, rows: np.ndarray) -> tuple[str, ...]:
    """Return the first few different values of some rows, as a person may recognise them."""
    places = np.flatnonzero(rows)[:MOST_LOOKED_AT]
    if isinstance(values, pa.ChunkedArray):
        found = dict.fromkeys(_shown_scalar(values[int(at)]) for at in places)
    else:
        found = dict.fromkeys(map(_shown, values.iloc[places]))
    return tuple(found)[:EXAMPLES]


def _shown_scalar(value: pa.Scalar) -> str:
    try:
        return _shown(value.as_py())
    except (ValueError, OverflowError):
        # A time that Python cannot hold.
        return f"a {value.type}"


def _shown(value: Any) -> str:
    """Return a value in words: texts in quotes, long ones cut."""
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= LONGEST_EXAMPLE else f"{text[:LONGEST_EXAMPLE]}…"
