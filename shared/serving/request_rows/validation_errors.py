"""What is wrong with a request, so that the caller can mend it: the row, the field, the problem."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, Field

from shared.words import number_of

MAX_RECEIVED_LENGTH = 100
# Errors beyond these are neither made nor sent.
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


class InvalidRows(Exception):  # noqa: N818  (the rows are; the errors in them are listed)
    """Rows that cannot be answered, and why: 100 errors at most."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__(number_of(len(errors), "error"))
        self.errors = errors

    @property
    def body(self) -> dict[str, Any]:
        """The body of a 422."""
        return {"detail": [error.model_dump() for error in self.errors]}


def body_error(problem: str, received: str | None = None, row: int | None = None) -> InvalidRows:
    """Return what is raised for an error of the body as a whole, or of one of its rows."""
    return InvalidRows([FieldError(row=row, field="body", problem=problem, received=received)])


def shown(value: Any) -> str | None:
    """Return what stood there as a caller is shown it; None where nothing did."""
    return None if value is None else ascii(value)[:MAX_RECEIVED_LENGTH]
