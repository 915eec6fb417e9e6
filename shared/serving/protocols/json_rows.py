"""The reader of bodies: JSON and tables become rows, or every error in them.

Most bodies of JSON are written just as the contract has them. They are read in a fraction of the
time by types that neither mend nor explain; what these do not take is read column by column.
"""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import msgspec

from shared.schema.contract import ContractColumn
from shared.serving.protocols.exact_rows import ExactRows
from shared.serving.protocols.json_text import (
    VALUE_BYTES,
    JsonText,
    ValueTooLarge,
    has_more,
    whole_number,
)
from shared.serving.request_rows import reading
from shared.serving.request_rows.row_parts import PART_ROWS, RowParts
from shared.serving.request_rows.rows import MOST_ROWS, Values
from shared.serving.request_rows.validation_errors import InvalidRows, body_error

# A body of so many bytes is read at once, where the requests are; a larger one in parts, elsewhere.
QUICK_BYTES = 64 * 1024
# With more of them, to find where a text ends takes long in one piece.
MOST_ESCAPES = 1_000_000
TOO_LARGE = f"a row has more than {VALUE_BYTES:,} bytes"


class RowReader:
    """Reads rows as their values in the order of `columns`; raises `InvalidRows` for any error.

    Of a name that stands twice in an object the last value counts. `NaN`, which is no JSON but is
    sent by many, is null. There may be `most` rows. Names of a request that are said `beside` its
    columns are told where one is no name.
    """

    def __init__(
        self,
        columns: Sequence[ContractColumn],
        most: int = MOST_ROWS,
        beside: Sequence[str] = (),
    ) -> None:
        self.columns, self.most, self._beside = columns, most, beside
        self._names = {column.name for column in columns}
        self._readers = [ExactRows(columns, most, nearly=nearly) for nearly in (False, True)]
        self._objects = msgspec.json.Decoder(list[msgspec.defstruct("Object", ())])  # type: ignore[misc]
        self._pieces = msgspec.json.Decoder(list[msgspec.Raw])

    def read_json(self, content: bytes) -> tuple[list[Values], bool]:
        """Read a body of JSON, and tell whether it is a list."""
        if len(content) > QUICK_BYTES:
            exact = self._read_parts(content)
            return (exact, True) if exact is not None else self._read_large(content)
        found = self._read_exactly(content)
        if found is not None:
            return found
        body = _json(content)
        read = reading.read_rows(body, self.columns, self.most, self._beside)
        return read, isinstance(body, list)

    def read_columns(self, came: Mapping[str, Sequence[Any]]) -> list[Values]:
        """Read columns that are there already, each with a value for every row."""
        count = max(map(len, came.values()), default=0)
        reading.refuse_count(count, self.most)
        return reading.read_columns(came, count, self.columns)

    def _read_exactly(self, content: bytes) -> tuple[list[Values], bool] | None:
        """Read what is as the contract has it, or nearly so; None for anything else."""
        for reader in self._readers:
            try:
                return reader.read_json(content)
            except (msgspec.MsgspecError, ValueError):
                continue
        return None

    def _read_parts(self, content: bytes) -> list[Values] | None:
        """Read a list part by part as above; others have their turn in between."""
        # There are no more objects than braces; what is none is not cut into pieces.
        is_part = not has_more(content, b"{", PART_ROWS)
        has_many = not is_part and has_more(content, b"{", self.most)
        if has_many or (b"\\" in content and has_more(content, b"\\", MOST_ESCAPES)):
            return None
        if not self._begins_well(content):
            return None
        if is_part:
            # It is one part as it is.
            found = self._read_exactly(content)
            return found[0] if found else None
        try:
            self._objects.decode(content)
            pieces = self._pieces.decode(content)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return None
        rows: list[Values] = []
        for at in range(0, len(pieces), PART_ROWS):
            found = self._read_exactly(b"[%s]" % b",".join(pieces[at : at + PART_ROWS]))
            if found is None:
                return None
            rows += found[0]
        return rows or None

    def _begins_well(self, content: bytes) -> bool:
        """Return whether the first row may be as it should: to cut a body into rows takes long."""
        try:
            text = JsonText(content)
            if text.peek() != "[":
                return False
            next(text.items())
            row = text.value()
            return isinstance(row, dict) and row.keys() <= self._names
        except (StopIteration, ValueTooLarge, InvalidRows, ValueError, RecursionError):
            return False

    def _read_large(self, content: bytes) -> tuple[list[Values], bool]:
        """Read any body row by row."""
        try:
            is_list = JsonText(content).peek() == "["
            if is_list and has_more(content, b"{", self.most):
                self._refuse_many(JsonText(content))
            return self._read_rows(content, is_list=is_list), is_list
        except ValueTooLarge:
            raise body_error(TOO_LARGE) from None
        except (ValueError, RecursionError) as error:
            raise not_json(error) from None

    def _refuse_many(self, text: JsonText) -> None:
        """Refuse too many rows before any is read."""
        text.peek()
        for at, _ in enumerate(text.items()):
            text.value()
            reading.refuse_count(at + 1, self.most)

    def _read_rows(self, content: bytes, *, is_list: bool) -> list[Values]:
        """Read rows one by one; all of a list are refused that was not read to the last one."""
        text, rows = JsonText(content), RowParts(self.columns, self.most)
        text.peek()
        try:
            for _ in text.items() if is_list else [None]:
                rows.add(text.value())
            text.end()
            return rows.rows()
        except InvalidRows as invalid:
            if not is_list:
                raise reading.first_alone(invalid) from None
            with suppress(msgspec.MsgspecError, ValueError, RecursionError):
                count = len(self._objects.decode(content))
                invalid.refused.rows = max(invalid.refused.rows, count)
            raise


def _json(content: bytes) -> Any:
    try:
        return json.loads(content.decode(), parse_int=whole_number)
    except UnicodeDecodeError:
        raise body_error("the body is not JSON in UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise not_json(error) from None


def not_json(error: Exception) -> InvalidRows:
    """Return what is raised for a body that is no JSON."""
    words = "nested too deep" if isinstance(error, RecursionError) else str(error)
    return body_error(f"the body is not JSON: {words}")
