"""The reader of bodies: JSON and tables become rows, or every error in them.

Most bodies of JSON are written just as the contract has them. They are read in a fraction of the
time by types that neither mend nor explain; what these do not take is read column by column.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import pyarrow as pa

from shared.schema.contract import ContractColumn
from shared.serving import reading
from shared.serving.protocols.exact_rows import ExactRows
from shared.serving.rows import Values
from shared.serving.validation_errors import body_error


class RowReader:
    """Reads rows as their values in the order of `columns`; raises `InvalidRows` for any error.

    Of a name that stands twice in an object the last value counts. `NaN`, which is no JSON but is
    sent by many, is null.
    """

    def __init__(self, columns: Sequence[ContractColumn]) -> None:
        self.columns = columns
        self._exact, self._nearly = ExactRows(columns), ExactRows(columns, nearly=True)

    def read_json(self, content: bytes) -> tuple[list[Values], bool]:
        """Read a body of JSON, and tell whether it is a list."""
        for exact in (self._exact, self._nearly):
            try:
                return exact.read_json(content)
            except (msgspec.MsgspecError, ValueError):
                continue
        body = _json(content)
        return reading.read_rows(body, self.columns), isinstance(body, list)

    def read_columns(self, came: Mapping[str, Sequence[Any]]) -> list[Values]:
        """Read columns that are there already, each with a value for every row."""
        count = len(next(iter(came.values()), ()))
        reading.refuse_count(count)
        return reading.read_columns(came, count, self.columns)

    def read_table(self, table: pa.Table) -> list[Values]:
        """Read an Arrow table."""
        came = dict(zip(table.column_names, table.columns, strict=True))
        return reading.read_columns(came, table.num_rows, self.columns)


def _json(content: bytes) -> Any:
    try:
        return json.loads(content.decode())
    except UnicodeDecodeError:
        raise body_error("the body is not JSON in UTF-8") from None
    except (ValueError, RecursionError) as error:
        words = "nested too deep" if isinstance(error, RecursionError) else str(error)
        raise body_error(f"the body is not JSON: {words}") from None
