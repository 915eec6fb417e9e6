"""What is wrong with a request, so that the caller can mend it: the row, the field, the problem."""

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, Field

MAX_RECEIVED_LENGTH = 100
# A table's errors beyond these are left out.
MAX_ERRORS = 100


class FieldError(BaseModel):
    """One thing that is wrong with what was sent."""

    row: int | None = Field(description="the row's place in the list, from 0; null for one alone")
    field: str
    problem: str
    received: str | None = Field(description="what stood there, shortened; null where nothing did")


class ValidationErrors(BaseModel):
    """The body of a 422."""

    detail: list[FieldError]


def errors_body(errors: Iterable[Any], before: int = 0) -> dict[str, Any]:
    """Return the body of a 422 for pydantic's errors on a row, or on many after those `before`."""
    return {"detail": [_field_error(error, before) for error in errors]}


def body_error(problem: str, received: str | None = None) -> dict[str, Any]:
    """Return the body of a 422 for an error of the body as a whole."""
    return {"detail": [{"row": None, "field": "body", "problem": problem, "received": received}]}


def _field_error(error: Any, before: int) -> dict[str, Any]:
    # After FastAPI's "body" comes the tag of the union, and then what the caller knows.
    where = list(error["loc"])
    for expected in ("body", "one", "many"):
        if where and where[0] == expected:
            del where[0]
    in_text = error["type"] == "json_invalid"
    row = before + where[0] if where and isinstance(where[0], int) and not in_text else None
    names = [part for part in where if isinstance(part, str)]
    problem = error["ctx"]["error"] if in_text else error["msg"].removeprefix("Value error, ")
    return {
        "row": row,
        "field": names[0] if names else "body",
        "problem": str(problem),
        "received": None
        if error["type"] == "missing"
        else ascii(error["input"])[:MAX_RECEIVED_LENGTH],
    }
