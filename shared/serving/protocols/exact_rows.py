"""JSON that is written as the contract has it, or nearly so: read by types, without explanation."""

import itertools
import math
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta
from pydantic import AwareDatetime, Field, TypeAdapter

from shared.schema.column_reading import FIRST_UNSURE_FLOAT
from shared.schema.contract import ContractColumn
from shared.schema.numbers import MAX_INTEGER, MIN_INTEGER
from shared.schema.texts import LONGEST_TEXT
from shared.schema.times import ISO, YEARS
from shared.serving.request_rows.rows import MOST_ROWS, Values
from shared.utc import as_utc

# How JSON has the one character that no text may hold.
NUL = b"\\u0000"
# In whatever zone, such a moment has a year that is taken.
FIRST = datetime(YEARS.start, 1, 2, tzinfo=UTC)
END = datetime(YEARS.stop - 1, 12, 31, tzinfo=UTC)
SURE = math.nextafter(FIRST_UNSURE_FLOAT, 0)
# Pydantic takes times of many forms, and Python others than these with a zone. They are looked for
# in texts whose digits are zeros, of which many rows have few.
_IS_ISO = re.compile(ISO.rstrip("$").encode()).fullmatch
_IS_PLAIN = re.compile(rb"0000-00-00[T ]00:00(:00(\.0{1,9})?)?(Z|[+-]00:00)").fullmatch
_ZEROS = bytes.maketrans(b"123456789", b"000000000")
# msgspec would round what is below microseconds.
MOMENT = Annotated[AwareDatetime, Field(ge=FIRST, lt=END)]
_MOMENTS = TypeAdapter(list[MOMENT | None])
_WITHOUT_ZONE = TypeAdapter(list[datetime | None])


class ExactRows:
    """Takes a part of what the reading takes, and for the same values.

    With `nearly`, it takes 3.0 for 3 in a whole number and 7 for "7" in a text as well. Raises
    msgspec's errors or a `ValueError` for all else.
    """

    def __init__(
        self, columns: Sequence[ContractColumn], most: int = MOST_ROWS, *, nearly: bool = False
    ) -> None:
        # A column may have any name, an attribute may not.
        names = {f"column_{at}": column.name for at, column in enumerate(columns)}
        pairs = list(zip(names, columns, strict=True))
        fields = [_field(name, _type(column, nearly=nearly), column) for name, column in pairs]
        row = msgspec.defstruct(
            "Row", fields, rename=names, forbid_unknown_fields=True, kw_only=True, gc=False
        )
        many = Annotated[list[row], Meta(min_length=1, max_length=most)]  # type: ignore[valid-type]
        self._decoder = msgspec.json.Decoder(row | many)
        self._are_sayable = all(map(_is_sayable, columns))
        self._times = [name for name, column in pairs if column.type == "time"]
        self._texts = [*map(attrgetter, self._times)]
        self._moments = _any_moments if nearly else _plain_moments
        self._mended = [
            (name, mend) for name, column in pairs if nearly and (mend := _mend(column))
        ]

    def read_json(self, content: bytes) -> tuple[list[Values], bool]:
        """Read a body, and tell whether it is a list."""
        # Most bodies have no backslash, which is found in a fortieth of the time.
        if (b"\\" in content and NUL in content) or not self._are_sayable:
            raise ValueError
        body = self._decoder.decode(content)
        if isinstance(body, list):
            self._read_times(body)
            self._mend(body)
            return list(map(msgspec.structs.astuple, body)), True
        # As most requests are one row, it does not go the way of many.
        for name in self._times:
            text = getattr(body, name)
            if text is not None:
                setattr(body, name, self._moments([text])[0])
        if self._mended:
            self._mend([body])
        return [msgspec.structs.astuple(body)], False

    def _mend(self, rows: list[Any]) -> None:
        for name, mend in self._mended:
            for row in rows:
                setattr(row, name, mend(getattr(row, name)))

    def _read_times(self, rows: list[Any]) -> None:
        # All at once, so that one row with several times does not wait for several calls.
        texts = [text for time in self._texts for text in map(time, rows)]
        moments = iter(self._moments(texts))
        for name in self._times:
            for _ in map(setattr, rows, itertools.repeat(name), moments):
                pass


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


def _mend(column: ContractColumn) -> Callable[[Any], Any] | None:
    """Return what makes a value of what msgspec has read nearly; None where it is one."""
    if column.type == "integer":
        low, high = _limits(column)
        return lambda value: _whole(value, low, high)
    if column.type in ("category", "text"):
        known = column.categories if column.outside == "refuse" else None
        return lambda value: _label(value, known)
    return None


def _whole(value: Any, low: float, high: float) -> Any:
    if value is None or (low <= value <= high and isinstance(value, int)):
        return value
    if low <= value <= high and abs(value) <= SURE and value.is_integer():
        return int(value)
    raise ValueError


def _label(value: Any, known: tuple[str, ...] | None) -> Any:
    text = str(value) if isinstance(value, int) else value
    if text is not None and (len(text) > LONGEST_TEXT or (known and text not in known)):
        raise ValueError
    return text


def _plain_moments(texts: list[str | None]) -> list[datetime | None]:
    """Read moments that are written with a zone, and as Python itself reads them."""
    _refuse_other(texts, _IS_PLAIN)
    every = "\n".join(filter(None, texts))
    if "T24:" in every or " 24:" in every:
        # From 3.14 on, Python takes it for the next day's midnight.
        raise ValueError
    moments = [None if text is None else datetime.fromisoformat(text) for text in texts]
    there = [moment for moment in moments if moment is not None]
    if there and not (min(there) >= FIRST and max(there) < END):
        raise ValueError
    return moments


def _any_moments(texts: list[str | None]) -> list[datetime | None]:
    """Read moments in UTC where they name no zone."""
    _refuse_other(texts, _IS_ISO)
    moments = _WITHOUT_ZONE.validate_python(texts)
    return _MOMENTS.validate_python([None if m is None else as_utc(m) for m in moments])


def _refuse_other(texts: list[str | None], is_taken: Callable[[bytes], Any]) -> None:
    """Raise a `ValueError` for a text that, with zeros for its digits, is not taken."""
    there = [text for text in texts if text is not None]
    shapes = "\n".join(there).encode().translate(_ZEROS).split(b"\n") if there else []
    # A text of two lines makes two of them.
    if len(shapes) != len(there) or not all(map(is_taken, set(shapes))):
        raise ValueError
