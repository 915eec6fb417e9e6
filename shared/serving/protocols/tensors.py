"""A request of the Open Inference Protocol: one tensor for each column."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from shared.schema.contract import ColumnType

SCHEMAS = "#/components/schemas/{model}"
WHOLE = ("UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64")
REAL = (*WHOLE, "FP16", "FP32", "FP64")
# What a column of each type may come as; the first is how it is told.
DATATYPES: dict[ColumnType, tuple[str, ...]] = {
    "number": ("FP64", *REAL),
    "integer": ("INT64", *REAL),
    "boolean": ("BOOL",),
    "category": ("BYTES", *WHOLE),
    "text": ("BYTES", *WHOLE),
    "time": ("BYTES",),
}
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
Value = bool | int | float | str | None


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
    data: list[Value] | list[list[Value]] = Field(description="null for what is missing")
    parameters: dict[str, Any] | None = None

    def values(self) -> list[Value]:
        """Return the values; raises `ProtocolError` where they are not as the shape tells."""
        flat: list[Value] = []
        for item in self.data:
            flat.extend(item if isinstance(item, list) else [item])
        rows, width = (*self.shape, 1)[:2]
        if width != 1 or rows != len(flat):
            raise ProtocolError(
                400,
                f"input {self.name}: {len(flat)} values do not have the shape {self.shape}; "
                "it is [rows] or [rows, 1]",
            )
        return flat


class RequestedOutput(BaseModel):
    """An output that is asked for."""

    name: Literal["prediction", "probability", "prediction_id"]
    parameters: dict[str, Any] | None = None


class Inference(BaseModel):
    """The body of a request."""

    inputs: list[Tensor] = Field(min_length=1)
    outputs: list[RequestedOutput] | None = Field(None, description="all, where none is named")
    id: str | None = Field(None, max_length=200, description="given back with the answer")
    parameters: dict[str, Any] | None = None


OUTPUTS: dict[str, Datatype] = {
    "prediction": "BOOL",
    "probability": "FP64",
    "prediction_id": "BYTES",
}


def schemas() -> dict[str, Any]:
    """Return the schemas of a request's body, by the names that the routes refer to."""
    schema = Inference.model_json_schema(ref_template=SCHEMAS)
    return {**schema.pop("$defs"), "Inference": schema}
