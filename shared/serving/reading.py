"""Rows of any body, read column by column by the contract: their values, or what is wrong."""

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa

from shared.schema.contract import ContractColumn
from shared.schema.reading import read_column, read_values
from shared.schema.validation import enforced_faults
from shared.serving.rows import MOST_ROWS, Values
from shared.serving.validation_errors import (
    MAX_ERRORS,
    MAX_RECEIVED_LENGTH,
    FieldError,
    InvalidRows,
    body_error,
    shown,
)

# A column as JSON has it, or as Arrow does.
Came: TypeAlias = Sequence[Any] | pa.ChunkedArray
# So many names are shown to one who has named another.
MOST_NAMED = 20


def read_rows(body: Any, expected: Sequence[ContractColumn]) -> list[Values]:
    """Read JSON's own values, one row or a list of them; raises `InvalidRows`.

    A row that leaves a nullable name out has nothing there.
    """
    alone = not isinstance(body, list)
    rows = [body] if alone else body
    refuse_count(len(rows))
    for at, row in enumerate(rows):
        if not isinstance(row, dict):
            words = "not a row: an object with a value for each name"
            raise body_error(words, shown(row), None if alone else at)
    sent = set().union(*rows)
    strange = sorted(sent - {column.name for column in expected})[:MAX_ERRORS]
    first = {name: next(at for at, row in enumerate(rows) if name in row) for name in strange}
    errors = [_unknown(at, name, rows[at][name], expected) for name, at in first.items()]
    came = {c.name: [row.get(c.name) for row in rows] for c in expected if c.name in sent}
    try:
        return read_columns(came, len(rows), expected, errors)
    except InvalidRows as invalid:
        if not alone:
            raise
        errors = [error.model_copy(update={"row": None}) for error in invalid.errors]
        raise InvalidRows(errors) from None


def read_columns(
    came: Mapping[str, Came],
    rows: int,
    expected: Sequence[ContractColumn],
    errors: Iterable[FieldError] = (),
) -> list[Values]:
    """Read columns by their names, each with a value for every row; raises `InvalidRows`.

    A nullable column may be left out; one that may not is told once, and so is one that is not
    expected. `errors` are those that were found before.
    """
    strange = itertools.islice(came.keys() - {column.name for column in expected}, MAX_ERRORS)
    wrong = [*errors, *(_unknown(0, name, came[name][0], expected) for name in strange)]
    found: list[list[Any]] = []
    for column in expected:
        values = came.get(column.name)
        if values is None:
            found.append([None] * rows)
            if not column.nullable:
                lacking = FieldError(row=0, field=column.name, problem="missing", received=None)
                wrong.append(lacking)
            continue
        is_arrow = isinstance(values, pa.ChunkedArray)
        reading = read_column(values, column) if is_arrow else read_values(values, column)
        wrong += _errors(values, column.name, enforced_faults(reading, column))
        if not wrong:
            found.append(python_values(reading.values))
    if wrong:
        wrong.sort(key=lambda error: error.row or 0)
        raise InvalidRows(wrong[:MAX_ERRORS])
    return list(zip(*found, strict=True))


def refuse_count(rows: int) -> None:
    """Raise `InvalidRows` where there is no row, or there are more than are taken at once."""
    if not rows:
        raise body_error("there are no rows")
    if rows > MOST_ROWS:
        raise body_error(f"there are more than {MOST_ROWS:,} rows: send them in parts")


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


def _errors(
    values: Came, name: str, faults: Iterable[tuple[str, np.ndarray]]
) -> Iterator[FieldError]:
    """Yield a column's first errors; no more are made than are sent."""
    places = ((at, words) for words, rows in faults for at in np.flatnonzero(rows)[:MAX_ERRORS])
    for at, words in sorted(places)[:MAX_ERRORS]:
        row, received = int(at), shown(_python_value(values[int(at)]))
        yield FieldError(row=row, field=name, problem=words, received=received)


def _unknown(row: int, name: str, value: Any, expected: Sequence[ContractColumn]) -> FieldError:
    known = [column.name for column in expected]
    listed = ", ".join(known[:MOST_NAMED]) + (", …" if len(known) > MOST_NAMED else "")
    problem = f"not a name of a row, which are {listed}"
    # JSON can have halves of characters in a name, and names as long as it likes.
    field = name.encode(errors="backslashreplace").decode()[:MAX_RECEIVED_LENGTH]
    return FieldError(row=row, field=field, problem=problem, received=shown(_python_value(value)))


def _python_value(value: Any) -> Any:
    if not isinstance(value, pa.Scalar):
        return value
    with suppress(ValueError, OverflowError, KeyError):
        if not pa.types.is_nested(value.type):
            return value.as_py()
    # It is large, or a moment that Python has no year or no zone for.
    return f"a {value.type}" if value.is_valid else None
