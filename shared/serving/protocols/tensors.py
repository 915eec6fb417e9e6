"""A request of the Open Inference Protocol: one tensor for each column."""

import math
import re
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, FailFast, Field

from shared.schema.contract import ColumnType, ContractColumn
from shared.schema.texts import LONGEST_TEXT
from shared.serving.request_rows.validation_errors import shown
from shared.words import number_of

SCHEMAS = "#/components/schemas/{model}"
Datatype = Literal[
    "BOOL",
    "UINT8",
    "UINT16",
    "UINT32",
    "UINT64",
    "INT8",
    "INT16",
    "INT32",
    "INT64",
    "FP16",
    "FP32",
    "FP64",
    "BYTES",
]
# What a column of each type is told as; it may come as another.
DATATYPES: dict[ColumnType, Datatype] = {
    "number": "FP64",
    "integer": "INT64",
    "boolean": "BOOL",
    "category": "BYTES",
    "text": "BYTES",
    "time": "BYTES",
}
WHOLE = {
    **{f"UINT{bits}": range(2**bits) for bits in (8, 16, 32)},
    **{f"INT{bits}": range(-(2 ** (bits - 1)), 2 ** (bits - 1)) for bits in (8, 16, 32)},
}
LARGEST = {f"FP{bits}": float(np.finfo(f"float{bits}").max) for bits in (16, 32)}
# What no 64 bits hold the column refuses, in its own words, as it does in other bodies.
LONGEST = ("UINT64", "INT64", "FP64")
# The digits of a number that is read as a text.
_has_many_digits = re.compile(rf"-?[1-9]\d{{{LONGEST_TEXT},}}").fullmatch
Value = bool | int | float | str | None


class _FailFast(FailFast):
    """Stops at the first wrong one, as all may be wrong; pydantic's own cannot be in a union."""

    def __hash__(self) -> int:
        return hash(type(self))


Values = Annotated[list[Value], _FailFast()]


class ProtocolError(Exception):
    """There is no answer; as the protocol has it, the body of this status is `{"error": …}`."""

    def __init__(self, status: int, words: str, again: int | None = None) -> None:
        super().__init__(words)
        self.status = status
        self.again = again


class Tensor(BaseModel):
    """One column's values."""

    name: str
    shape: list[int] = Field(min_length=1, max_length=2, examples=[[1]])
    datatype: Datatype
    data: Values | Annotated[list[Values], _FailFast()] = Field(
        description="null for what is missing, and NaN in floats"
    )
    parameters: dict[str, Any] | None = None

    def values(self) -> list[Value]:
        """Return the values; raises `ProtocolError` where shape or datatype say otherwise."""
        flat: list[Value] = []
        for item in self.data:
            flat.extend(item if isinstance(item, list) else [item])
        rows, width = (*self.shape, 1)[:2]
        if width != 1 or rows != len(flat):
            raise ProtocolError(
                400,
                f"input {self.name}: {number_of(len(flat), 'value does', 'values do')} not have "
                f"the shape {self.shape}; "
                "it is [rows] or [rows, 1]",
            )
        for at, value in enumerate(flat):
            if value is not None and not _is_of(value, self.datatype):
                raise ProtocolError(
                    400, f"{self.name}, row {at}: not of {self.datatype} (received {shown(value)})"
                )
        return flat


def _is_of(value: bool | int | float | str, datatype: Datatype) -> bool:
    if datatype == "BOOL":
        return isinstance(value, bool)
    if datatype == "BYTES":
        return isinstance(value, str)
    if isinstance(value, str):
        return datatype in LONGEST and _has_many_digits(value) is not None
    return not isinstance(value, bool) and _is_number_of(value, datatype)


def _is_number_of(value: int | float, datatype: Datatype) -> bool:
    if datatype in WHOLE:
        # A float would be sought in a range one by one.
        is_whole = isinstance(value, int) or value.is_integer()
        return is_whole and int(value) in WHOLE[datatype]
    if datatype in LONGEST:
        is_whole = isinstance(value, int) or value.is_integer() or datatype == "FP64"
        return is_whole and (value >= 0 or datatype != "UINT64")
    is_finite = isinstance(value, int) or math.isfinite(value)
    return not is_finite or abs(value) <= LARGEST[datatype]


class RequestedOutput(BaseModel):
    """An output that is asked for."""

    name: str
    parameters: dict[str, Any] | None = None


class Inference(BaseModel):
    """The body of a request."""

    inputs: Annotated[list[Tensor], _FailFast()] = Field(min_length=1)
    outputs: Annotated[list[RequestedOutput], _FailFast()] | None = Field(
        None, description="all, where none is named"
    )
    id: str | None = Field(None, max_length=200, description="given back with the answer")
    parameters: dict[str, Any] | None = Field(
        None, description="`missing` is the text that a missing one is sent as"
    )

    def values(self) -> dict[str, list[Value]]:
        """Return each input's values by its name; raises `ProtocolError` where they do not fit.

        Clients that make a text of everything can say by `missing` which one stands for nothing.
        """
        held: dict[str, list[Value]] = {}
        lacking = (self.parameters or {}).get("missing")
        if not isinstance(lacking, str | None):
            raise ProtocolError(
                400, f"parameters: missing is the text of what is missing, not {lacking!r:.60}"
            )
        for tensor in self.inputs:
            if tensor.name in held:
                raise ProtocolError(400, f"the input {tensor.name} is there twice")
            values = tensor.values()
            is_text = tensor.datatype == "BYTES" and lacking is not None
            held[tensor.name] = (
                [None if value == lacking else value for value in values] if is_text else values
            )
        if len({len(values) for values in held.values()}) > 1:
            counts = ", ".join(f"{name} {len(values)}" for name, values in held.items())
            raise ProtocolError(400, f"the inputs do not have as many values each: {counts}")
        return held


def outputs(answered: Sequence[ContractColumn]) -> dict[str, Datatype]:
    """Return the outputs that answers have, with their types."""
    return {**{c.name: DATATYPES[c.type] for c in answered}, "prediction_id": "BYTES"}


def schema_place(model: str) -> dict[str, str]:
    """Return where the document has the schema of a name."""
    return {"$ref": SCHEMAS.format(model=model)}


def schemas(names: Sequence[str]) -> dict[str, Any]:
    """Return the schemas of a request's body, whose outputs have these names.

    They are by the names that the routes refer to.
    """
    schema = Inference.model_json_schema(ref_template=SCHEMAS)
    parts = schema.pop("$defs")
    parts["RequestedOutput"]["properties"]["name"]["enum"] = [*names]
    return {**parts, "Inference": schema}
