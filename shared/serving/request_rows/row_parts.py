"""Rows of a large body, read part by part, so that others have their turn in between.

What makes a row large is let go before the next one comes: names and values that no row has.
"""

from collections.abc import Collection, Sequence
from typing import Any

from shared.log.refused_rows import RefusedRows
from shared.schema.contract import ContractColumn
from shared.schema.texts import LONGEST_TEXT
from shared.serving.request_rows.reading import moved, read_rows, refuse_count, refuse_other
from shared.serving.request_rows.rows import Values
from shared.serving.request_rows.validation_errors import MAX_ERRORS, FieldError, InvalidRows

PART_ROWS = 1_000
# A text of any length may be one of these.
WRITTEN = ("number", "integer", "time")


class RowParts:
    """Takes rows as JSON has them, one by one; raises `InvalidRows` as soon as it is clear.

    That is at too many rows, at 100 errors, or behind the first part whose names are wrong.
    """

    def __init__(self, expected: Sequence[ContractColumn], most: int) -> None:
        self._expected, self._most = expected, most
        self._names = {column.name for column in expected}
        self._written = {c.name for c in expected if c.type in WRITTEN}
        self._count = 0
        self._part: list[dict[str, Any]] = []
        self._read: list[Values] = []
        self._errors: list[FieldError] = []
        self._refused = RefusedRows()

    def add(self, row: Any) -> None:
        """Take the next row."""
        refuse_other(row, self._count)
        self._count += 1
        refuse_count(self._count, self._most)
        self._part.append(_shortened(row, self._names, self._written))
        if len(self._part) == PART_ROWS:
            self._read_part()

    def rows(self) -> list[Values]:
        """Return all rows, read."""
        refuse_count(self._count, self._most)
        self._read_part()
        if self._errors:
            raise self._invalid()
        return self._read

    def _invalid(self) -> InvalidRows:
        """Return the errors in all rows so far, which are refused together."""
        self._refused.rows = self._count
        return InvalidRows(self._errors, self._refused)

    def _read_part(self) -> None:
        part, first = self._part, self._count - len(self._part)
        self._part = []
        if not part:
            return
        try:
            read = read_rows(part, self._expected, self._most)
        except InvalidRows as invalid:
            self._errors = [*self._errors, *moved(invalid, first)][:MAX_ERRORS]
            self._refused.add(0, invalid.refused.faults)
            if len(self._errors) == MAX_ERRORS or self._are_misnamed(part):
                raise self._invalid() from None
        else:
            if not self._errors:
                self._read += read

    def _are_misnamed(self, part: Sequence[dict[str, Any]]) -> bool:
        sent = set().union(*part)
        needed = {column.name for column in self._expected if not column.nullable}
        return not needed <= sent <= self._names


class _Nested:
    """Stands for a list or an object, which no row has."""

    def __init__(self, words: str) -> None:
        self._words = words

    def __repr__(self) -> str:
        return self._words


NESTED: dict[type, Any] = {list: _Nested("[...]"), dict: _Nested("{...}")}


def _shortened(
    row: dict[str, Any], names: Collection[str], written: Collection[str]
) -> dict[str, Any]:
    """Return a row without what is large: it is as wrong as before, and in the same places."""
    if len(row) > len(names):
        strange = [name for name in row if name not in names][:MAX_ERRORS]
        row = {name: row[name] for name in (*strange, *(n for n in names if n in row))}
    return {name: _short(value, whole=name in written) for name, value in row.items()}


def _short(value: Any, *, whole: bool) -> Any:
    if type(value) is str:
        return value if whole or len(value) <= LONGEST_TEXT else value[: LONGEST_TEXT + 1]
    return NESTED.get(type(value), value)
