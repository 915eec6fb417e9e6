"""What is wrong with a request, so that the caller can mend it: the row, the field, the problem."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, Field

from shared.log.refused_rows import BODY, RefusedRows, RowFault, refused_rows
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
    """Rows that cannot be answered, and why: 100 errors at most, and all that is `refused`.

    That is a row which cannot be read where nothing is said of columns of the contract.
    """

    def __init__(self, errors: Sequence[FieldError], refused: RefusedRows | None = None) -> None:
        super().__init__(number_of(len(errors), "error"))
        self.errors = errors
        self.refused = refused or unreadable_body(errors[0].problem if errors else None)

    @property
    def body(self) -> dict[str, Any]:
        """The body of a 422."""
        return {"detail": [error.model_dump() for error in self.errors]}


def unreadable_body(words: str | None) -> RefusedRows:
    """Return what is counted of a body in which no rows were found: one at least was meant."""
    return refused_rows(1, {BODY: RowFault(1, words)})


def body_error(problem: str, received: str | None = None, row: int | None = None) -> InvalidRows:
    """Return what is raised for an error of the body as a whole, or of one of its rows."""
    return InvalidRows([FieldError(row=row, field="body", problem=problem, received=received)])


def shown(value: Any) -> str | None:
    """Return what stood there as a caller is shown it; None where nothing did."""
    return None if value is None else ascii(value)[:MAX_RECEIVED_LENGTH]
