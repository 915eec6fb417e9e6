"""The reader of bodies: JSON becomes rows, or every error in it.

Most bodies are written just as the contract has them. They are read in a third of the time by types
that neither mend nor explain; what these do not take is read by those of `rows`, from the start.
"""

import operator
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta
from pydantic import AwareDatetime, Field, TypeAdapter

from shared.schema.contract import Contract, ContractColumn
from shared.serving import rows
from shared.serving.rows import FIRST_YEAR, LAST_YEAR, LONGEST_TEXT, MOST_ROWS, JsonRow, Values

# How JSON has the one character that no text may hold.
NUL = b"\\u0000"
# In whatever zone, such a moment has a year that is taken.
MOMENT = Annotated[
    AwareDatetime,
    Field(ge=datetime(FIRST_YEAR, 1, 2, tzinfo=UTC), lt=datetime(LAST_YEAR, 12, 31, tzinfo=UTC)),
]


class RowReader:
    """Reads a body of `POST /predict`; raises pydantic's `ValidationError` with every error.

    `kind` is what may be in it. A row is read as its values in the order of `rows.names`.
    """

    def __init__(self, contract: Contract) -> None:
        self.kind: TypeAdapter[Any] = TypeAdapter(rows.prediction_rows(contract))
        self._values = operator.itemgetter(*rows.names(contract))
        self._exact = _Exact(contract)

    def read_json(self, content: bytes) -> tuple[list[Values], bool]:
        """Read a body of JSON, and tell whether it is a list."""
        try:
            return self._exact.read_json(content)
        except (msgspec.MsgspecError, ValueError):
            body = self.kind.validate_json(content)
            return list(map(self._values, rows.listed(body))), isinstance(body, list)

    def read_values(self, values: list[JsonRow]) -> list[Values]:
        """Read rows that are Python's own values already."""
        return list(map(self._values, self.kind.validate_python(values)))


class _Exact:
    """Takes a part of what `rows.prediction_rows` takes, and for the same.

    Raises msgspec's errors or a `ValueError` for the rest of it, and for what is wrong.
    """

    def __init__(self, contract: Contract) -> None:
        row = _row(contract)
        many = Annotated[list[row], Meta(min_length=1, max_length=MOST_ROWS)]  # type: ignore[valid-type]
        self._decoder = msgspec.json.Decoder(row | many)
        known = {field.encode_name: field.name for field in msgspec.structs.fields(row)}
        self._times = [known[name] for name in known if contract[name].type == "time"]
        # Times are read as the other types read them: msgspec rounds what is below microseconds.
        self._moments = TypeAdapter(list[MOMENT | None])

    def read_json(self, content: bytes) -> tuple[list[Values], bool]:
        if NUL in content:
            raise ValueError
        body = self._decoder.decode(content)
        rows_read = rows.listed(body)
        for time in self._times:
            moments = self._moments.validate_python([getattr(row, time) for row in rows_read])
            for row, moment in zip(rows_read, moments, strict=True):
                setattr(row, time, moment)
        return list(map(msgspec.structs.astuple, rows_read)), isinstance(body, list)


def _row(contract: Contract) -> type[msgspec.Struct]:
    # A column may have any name, an attribute may not.
    names = {f"column_{at}": name for at, name in enumerate(rows.names(contract))}
    fields: list[Any] = []
    for attribute, name in names.items():
        kind = _type(contract[name], name == contract.key)
        lacking = rows.may_lack(contract, name)
        fields.append((attribute, kind | None, None) if lacking else (attribute, kind))
    return msgspec.defstruct(
        "Row", fields, rename=names, forbid_unknown_fields=True, kw_only=True, gc=False
    )


def _type(column: ContractColumn, is_key: bool) -> Any:
    low, high = rows.limits(column, is_key)
    if column.type == "integer":
        return Annotated[int, Meta(ge=low, le=high)]
    if column.type == "number":
        return Annotated[float, Meta(ge=low, le=high)]
    if column.type == "boolean":
        return bool
    if column.type == "time":
        return str
    if column.outside == "refuse" and column.categories:
        return Literal[column.categories]
    return Annotated[str, Meta(max_length=LONGEST_TEXT)]
