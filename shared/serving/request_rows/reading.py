"""Rows of any body, read column by column by the contract: their values, or what is wrong."""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa

from shared.log.refused_rows import UNKNOWN, RowFault, refused_rows
from shared.schema.contract import ContractColumn
from shared.schema.labels import label_fault
from shared.schema.reading import read_column, read_values
from shared.schema.validation import enforced_faults
from shared.serving.request_rows.rows import MOST_ROWS, Values
from shared.serving.request_rows.validation_errors import (
    MAX_ERRORS,
    MAX_RECEIVED_LENGTH,
    FieldError,
    InvalidRows,
    body_error,
    shown,
)
from shared.words import number_of

# A column as JSON has it, or as Arrow does.
Came: TypeAlias = Sequence[Any] | pa.ChunkedArray
# A row's place, a name, what is wrong there, and what was received.
Fault: TypeAlias = tuple[int, str, str, Any]
# So many names are shown to one who has named another.
MOST_NAMED = 20


def read_rows(
    body: Any,
    expected: Sequence[ContractColumn],
    most: int = MOST_ROWS,
    beside: Sequence[str] = (),
) -> list[Values]:
    """Read JSON's own values, one row or a list of them; raises `InvalidRows`.

    A row that leaves a nullable name out has nothing there. Who sends a name that is none is told
    those, and what may be said `beside`.
    """
    alone = not isinstance(body, list)
    rows = [body] if alone else body
    refuse_count(len(rows), most)
    for at, row in enumerate(rows):
        refuse_other(row, None if alone else at)
    sent = set().union(*rows)
    strange = sorted(sent - {column.name for column in expected})[:MAX_ERRORS]
    first = {name: next(at for at, row in enumerate(rows) if name in row) for name in strange}
    known = [*beside, *(column.name for column in expected)]
    faults = [_unknown(at, name, rows[at][name], known) for name, at in first.items()]
    came = {c.name: [row.get(c.name) for row in rows] for c in expected if c.name in sent}
    try:
        return read_columns(came, len(rows), expected, faults)
    except InvalidRows as invalid:
        if strange:
            odd = sum(not row.keys() <= came.keys() for row in rows)
            invalid.refused.add(0, {UNKNOWN: RowFault(odd, ascii(strange[0]))})
        raise first_alone(invalid) if alone else invalid from None


def first_alone(invalid: InvalidRows) -> InvalidRows:
    """Return the errors of a row that came alone: it has no place."""
    errors = [error.model_copy(update={"row": None}) for error in invalid.errors]
    return InvalidRows(errors, invalid.refused)


def read_columns(
    came: Mapping[str, Came],
    rows: int,
    expected: Sequence[ContractColumn],
    faults: Iterable[Fault] = (),
) -> list[Values]:
    """Read columns by their names, as `typed_columns` does, and return the values of each row."""
    return rows_of(typed_columns(came, rows, expected, faults))


def typed_columns(
    came: Mapping[str, Came],
    rows: int,
    expected: Sequence[ContractColumn],
    faults: Iterable[Fault] = (),
) -> list[pa.ChunkedArray]:
    """Read columns by their names, each with a value for every row; raises `InvalidRows`.

    A nullable column may be left out; one that may not is told once, and so is one that is not
    expected. `faults` are those that were found before. No more errors are made than are sent.
    """
    names = [column.name for column in expected]
    unknown = came.keys() - {*names}
    strange = itertools.islice(unknown, MAX_ERRORS)
    wrong = [*faults, *(_unknown(0, name, came[name][0], names) for name in strange)]
    refused = {UNKNOWN: RowFault(rows, ascii(next(iter(unknown))))} if unknown else {}
    found: list[pa.ChunkedArray] = []
    for column in expected:
        values = came.get(column.name)
        if values is None:
            found.append(pa.chunked_array([pa.nulls(rows)]))
            if not column.nullable:
                wrong.append((0, column.name, "missing", None))
                refused[column.name, "missing"] = RowFault(rows)
            continue
        is_arrow = isinstance(values, pa.ChunkedArray)
        reading = read_column(values, column) if is_arrow else read_values(values, column)
        broken = enforced_faults(reading, column)
        wrong += _faults(values, column.name, broken)
        refused |= {(column.name, words): _row_fault(values, where) for words, where in broken}
        if not wrong:
            found.append(reading.values)
    if wrong:
        wrong.sort(key=lambda fault: fault[0])
        errors = [_field_error(*fault) for fault in wrong[:MAX_ERRORS]]
        raise InvalidRows(errors, refused_rows(rows, refused))
    return found


def _row_fault(values: Came, rows: np.ndarray) -> RowFault:
    first = _python_value(values[int(rows.argmax())])
    return RowFault(int(rows.sum()), shown(first))


def moved(invalid: InvalidRows, rows: int) -> list[FieldError]:
    """Return the errors of rows of which so many others stand before them."""
    return [e.model_copy(update={"row": (e.row or 0) + rows}) for e in invalid.errors]


def rows_of(columns: Sequence[pa.ChunkedArray]) -> list[Values]:
    """Return the values of each row of columns that were read."""
    return list(zip(*map(python_values, columns), strict=True))


def refuse_count(rows: int, most: int = MOST_ROWS) -> None:
    """Raise `InvalidRows` where there is no row, or there are more than are taken at once."""
    if not rows:
        raise body_error("there are no rows")
    if rows > most:
        raise body_error(f"there are more than {number_of(most, 'row')}: send them in parts")


def refuse_other(row: Any, at: int | None) -> None:
    """Raise `InvalidRows` for a row that is none."""
    if not isinstance(row, dict):
        raise body_error("not a row: an object with a value for each name", shown(row), at)


def refuse_labels(rows: Sequence[Values], target: ContractColumn, *, alone: bool) -> None:
    """Raise `InvalidRows` for outcomes, of key and label, whose label can be no class."""
    fault_of = label_fault(target)
    faults = ((at, fault_of(label), label) for at, (_, label) in enumerate(rows))
    wrong = [
        FieldError(row=None if alone else at, field=target.name, problem=words, received=label)
        for at, words, label in faults
        if words
    ]
    if wrong:
        rule, _, _ = wrong[0].problem.partition(":")
        fault = RowFault(len(wrong), shown(wrong[0].received))
        refused = refused_rows(len(rows), {(target.name, rule): fault})
        raise InvalidRows(wrong[:MAX_ERRORS], refused)


def python_values(values: pa.ChunkedArray) -> list[Any]:
    """Return a column that was read as Python's values: None is missing, moments are in UTC."""
    kind = values.type
    if pa.types.is_timestamp(kind):
        moments = values.cast(pa.timestamp("us")).to_numpy().tolist()
        return [None if moment is None else moment.replace(tzinfo=UTC) for moment in moments]
    if pa.types.is_dictionary(kind):
        values = values.cast(kind.value_type)
    if values.null_count and not pa.types.is_string(values.type):
        return list(values.to_pylist())
    return list(values.to_numpy().tolist())


def _faults(values: Came, name: str, faults: Iterable[tuple[str, np.ndarray]]) -> Iterator[Fault]:
    """Yield a column's first faults, no more than are sent."""
    places = ((at, words) for words, rows in faults for at in np.flatnonzero(rows)[:MAX_ERRORS])
    for at, words in sorted(places)[:MAX_ERRORS]:
        yield int(at), name, words, values[int(at)]


def _unknown(row: int, name: str, value: Any, known: Sequence[str]) -> Fault:
    # JSON can have names as long as it likes; those of columns are told whole.
    shortened = name[:MAX_RECEIVED_LENGTH]
    return row, shortened, not_a_name(known), value


def not_a_name(known: Sequence[str]) -> str:
    """Return what is said of a name that is none of those known."""
    listed = ", ".join(known[:MOST_NAMED]) + (", …" if len(known) > MOST_NAMED else "")
    return f"not a name of a row, which are {listed}"


def _field_error(row: int, name: str, problem: str, value: Any) -> FieldError:
    # JSON can have halves of characters in a name.
    field = name.encode(errors="backslashreplace").decode()
    return FieldError(row=row, field=field, problem=problem, received=shown(_python_value(value)))


def _python_value(value: Any) -> Any:
    if not isinstance(value, pa.Scalar):
        return value
    with suppress(ValueError, OverflowError, KeyError):
        if not pa.types.is_nested(value.type):
            return value.as_py()
    # It is large, or a moment that Python has no year or no zone for.
    return f"a {value.type}" if value.is_valid else None
