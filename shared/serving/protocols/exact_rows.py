"""JSON that is written as the contract has it, or nearly so: read by types, without explanation."""

import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta
from pydantic import AwareDatetime, Field, TypeAdapter

from shared.schema.column_reading import FIRST_UNSURE_FLOAT
from shared.schema.contract import ContractColumn
from shared.schema.moments import YEARS
from shared.schema.numbers import MAX_INTEGER, MIN_INTEGER
from shared.schema.texts import LONGEST_TEXT
from shared.schema.times import as_utc
from shared.serving.rows import MOST_ROWS, Values

# How JSON has the one character that no text may hold.
NUL = b"\\u0000"
# In whatever zone, such a moment has a year that is taken.
FIRST = datetime(YEARS.start, 1, 2, tzinfo=UTC)
END = datetime(YEARS.stop - 1, 12, 31, tzinfo=UTC)
# What stands after the year and after the day: seconds since 1970 have other characters there.
SEPARATORS = frozenset({"-T", "- "})
SURE = math.nextafter(FIRST_UNSURE_FLOAT, 0)


class ExactRows:
    """Takes a part of what the reading takes, and for the same values.

    With `nearly`, it takes 3.0 for 3 in a whole number and 7 for "7" in a text as well. Raises
    msgspec's errors or a `ValueError` for all else.
    """

    def __init__(self, columns: Sequence[ContractColumn], *, nearly: bool = False) -> None:
        # A column may have any name, an attribute may not.
        names = {f"column_{at}": column.name for at, column in enumerate(columns)}
        pairs = list(zip(names, columns, strict=True))
        fields = [_field(name, _type(column, nearly=nearly), column) for name, column in pairs]
        row = msgspec.defstruct(
            "Row", fields, rename=names, forbid_unknown_fields=True, kw_only=True, gc=False
        )
        many = Annotated[list[row], Meta(min_length=1, max_length=MOST_ROWS)]  # type: ignore[valid-type]
        self._decoder = msgspec.json.Decoder(row | many)
        self._are_sayable = all(map(_is_sayable, columns))
        self._mended = [
            (name, mend) for name, column in pairs if (mend := _mend(column, nearly=nearly))
        ]

    def read_json(self, content: bytes) -> tuple[list[Values], bool]:
        """Read a body, and tell whether it is a list."""
        if NUL in content or not self._are_sayable:
            raise ValueError
        body = self._decoder.decode(content)
        rows = body if isinstance(body, list) else [body]
        for name, mend in self._mended:
            for row, value in zip(rows, mend([getattr(row, name) for row in rows]), strict=True):
                setattr(row, name, value)
        return list(map(msgspec.structs.astuple, rows)), isinstance(body, list)


def _is_sayable(column: ContractColumn) -> bool:
    """Tell whether a type of Python can say what a column takes."""
    if column.format is not None:
        return False
    has_limits = column.minimum is not None or column.maximum is not None
    is_number = column.type in ("number", "integer")
    is_label = column.type in ("category", "text")
    return column.outside == "accept" or not (
        (has_limits and not is_number) or (column.categories is not None and not is_label)
    )


def _field(attribute: str, kind: Any, column: ContractColumn) -> Any:
    return (attribute, kind | None, None) if column.nullable else (attribute, kind)


def _type(column: ContractColumn, *, nearly: bool) -> Any:
    low, high = _limits(column)
    if column.type == "integer":
        return float | int if nearly else Annotated[int, Meta(ge=low, le=high)]
    if column.type == "number":
        # JSON's whole numbers beyond become floats that have lost a digit.
        return Annotated[float, Meta(ge=max(low, -SURE), le=min(high, SURE))]
    if column.type == "boolean":
        return bool
    if column.type == "time":
        return str
    if column.outside == "refuse" and column.categories:
        return str | int if nearly else Literal[column.categories]
    text = Annotated[str, Meta(max_length=LONGEST_TEXT)]
    return text | int if nearly else text


def _limits(column: ContractColumn) -> tuple[float, float]:
    bounded = column.outside == "refuse"
    low = column.minimum if bounded and column.minimum is not None else -math.inf
    high = column.maximum if bounded and column.maximum is not None else math.inf
    if column.type == "integer":
        return math.ceil(max(low, MIN_INTEGER)), math.floor(min(high, MAX_INTEGER))
    return low, high


def _mend(column: ContractColumn, *, nearly: bool) -> Callable[[list[Any]], list[Any]] | None:
    """Return what makes a column's values of what msgspec has read; None where they are those."""
    if column.type == "time":
        return _any_moments if nearly else _moments
    if not nearly or column.type not in ("integer", "category", "text"):
        return None
    if column.type == "integer":
        low, high = _limits(column)
        return lambda values: [_whole(value, low, high) for value in values]
    known = column.categories if column.outside == "refuse" else None
    return lambda values: [_label(value, known) for value in values]


def _whole(value: Any, low: float, high: float) -> Any:
    if value is None or (low <= value <= high and isinstance(value, int)):
        return value
    if low <= value <= high and abs(value) <= SURE and value.is_integer():
        return int(value)
    raise ValueError


def _label(value: Any, known: tuple[str, ...] | None) -> Any:
    text = str(value) if isinstance(value, int) else value
    if known and text is not None and text not in known:
        raise ValueError
    return text


# msgspec would round what is below microseconds.
MOMENT = Annotated[AwareDatetime, Field(ge=FIRST, lt=END)]
_MOMENTS = TypeAdapter(list[MOMENT | None])
_WITHOUT_ZONE = TypeAdapter(list[datetime | None])


def _moments(texts: list[Any]) -> list[Any]:
    _refuse_digits(texts)
    return _MOMENTS.validate_python(texts)


def _any_moments(texts: list[Any]) -> list[Any]:
    _refuse_digits(texts)
    moments = [None if m is None else as_utc(m) for m in _WITHOUT_ZONE.validate_python(texts)]
    return _MOMENTS.validate_python(moments)


def _refuse_digits(texts: list[Any]) -> None:
    if not {text[4:11:6] for text in texts if text is not None} <= SEPARATORS:
        raise ValueError
