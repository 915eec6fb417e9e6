"""The rows that a server takes and gives: typed from a contract, so that an error has a field."""

import math
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Discriminator,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    StringConstraints,
    Tag,
    with_config,
)
from typing_extensions import TypedDict  # pydantic takes no other before Python 3.12

from shared.schema.columns import Columns
from shared.schema.contract import Contract, ContractColumn
from shared.schema.times import as_utc

MOST_ROWS = 10_000
LONGEST_TEXT = 1_000
# What a frame of nanoseconds can hold, with a margin for time zones.
FIRST_YEAR, LAST_YEAR = 1700, 2200
EXAMPLES = 5
# What a database's whole numbers can hold.
MIN_INTEGER, MAX_INTEGER = -(2**63), 2**63 - 1
JsonRow = dict[str, Any]
# A row as the values of key, time and features.
Values = tuple[Any, ...]


class Answer(BaseModel):
    """What a row was answered."""

    prediction_id: str = Field(description="this answer's row in the prediction log")
    key: str | int = Field(description="the caller's key")
    prediction: bool = Field(description="whether the probability reaches the bundle's threshold")
    probability: float = Field(description="of the target being true")
    bundle: str = Field(description="the digest of the bundle that answered")


ANSWERED = tuple(Answer.model_fields)
# It is made, and written, in a third of the time.
_ANSWER = msgspec.defstruct("Answer", ANSWERED, gc=False)


def prediction_rows(contract: Contract) -> Any:
    """Return the type of a body of `POST /predict`: one row, or a list of 1 to 10,000.

    A row has key, time and features. What is nullable may be null or left out; nothing else may be
    there.
    """
    return _one_or_many(_typed("Row", contract, names(contract)))


def outcome_rows(contract: Contract) -> Any:
    """Return the type of a body of `POST /outcomes`: a key and the target's true value, or many."""
    outcome = contract[contract.target].model_copy(update={"nullable": False})
    columns = tuple(outcome if c.name == outcome.name else c for c in contract.columns)
    known = contract.model_copy(update={"columns": columns})
    return _one_or_many(_typed("Outcome", known, (contract.key, contract.target)))


def answers(logged: Columns) -> list[Any]:
    """Return what each row of what is logged is answered: an `Answer` to be written."""
    return list(map(_ANSWER, *(logged[name] for name in ANSWERED)))


def listed(body: Any) -> list[Any]:
    """Return a body's row or rows as a list."""
    return body if isinstance(body, list) else [body]


def names(contract: Contract) -> tuple[str, ...]:
    """Return the names that a row has, in their order: of key, time and features."""
    return (contract.key, contract.time, *contract.features)


def limits(column: ContractColumn, is_key: bool) -> tuple[float | None, float | None]:
    """Return the least and the most that a column's numbers may be; None for no such limit."""
    bounded = column.outside == "refuse" and not is_key
    low, high = (column.minimum, column.maximum) if bounded else (None, None)
    if column.type == "integer":
        low = MIN_INTEGER if low is None else max(MIN_INTEGER, math.ceil(low))
        high = MAX_INTEGER if high is None else min(MAX_INTEGER, math.floor(high))
    return low, high


def may_lack(contract: Contract, name: str) -> bool:
    """Tell whether a row may have null for a name, or leave it out."""
    return contract[name].nullable and name not in (contract.key, contract.time)


def _typed(title: str, contract: Contract, held: tuple[str, ...]) -> Any:
    # A typed dict, not a model: a column may have any name, and rows are read in half the time.
    fields: dict[str, Any] = {}
    for name in held:
        column = contract[name]
        kind: Any = _kind(column, name == contract.key)
        if may_lack(contract, name):
            fields[name] = Annotated[kind | None, Field(None, description=_described(column))]
        else:
            fields[name] = Annotated[kind, Field(description=_described(column))]
    return with_config(extra="forbid")(TypedDict(title, fields))  # type: ignore[operator]


def _kind(column: ContractColumn, is_key: bool) -> Any:
    low, high = limits(column, is_key)
    if column.type == "integer":
        return Annotated[StrictInt, Field(ge=low, le=high), BeforeValidator(_whole)]
    if column.type == "number":
        return Annotated[StrictFloat, Field(ge=low, le=high, allow_inf_nan=False)]
    if column.type == "boolean":
        return StrictBool
    if column.type == "time":
        return Annotated[datetime, BeforeValidator(_no_number), AfterValidator(_in_utc)]
    if column.outside == "refuse" and column.categories:
        return Annotated[Literal[column.categories], BeforeValidator(_label)]
    text = StringConstraints(max_length=LONGEST_TEXT, pattern=r"^[^\x00]*$")
    shown = Field(examples=list(column.categories or ())[:EXAMPLES] or None)
    return Annotated[StrictStr, text, shown, BeforeValidator(_label)]


def _described(column: ContractColumn) -> str:
    if column.categories:
        known = ", ".join(column.categories[:EXAMPLES])
        return f"{column.type}: {known}{', …' if len(column.categories) > EXAMPLES else ''}"
    limits = [
        f"{word} {limit:g}"
        for word, limit in (("from", column.minimum), ("to", column.maximum))
        if limit is not None
    ]
    met = " in training" if limits and column.outside == "accept" else ""
    return " ".join([column.type, *limits]) + met


def _one_or_many(row: Any) -> Any:
    one, many = Annotated[row, Tag("one")], Annotated[_many(row), Tag("many")]
    return Annotated[one | many, Discriminator(_how_many)]


def _many(row: Any) -> Any:
    return Annotated[list[row], Field(min_length=1, max_length=MOST_ROWS)]


def _how_many(body: Any) -> str:
    return "many" if isinstance(body, list) else "one"


def _label(value: Any) -> Any:
    """Take a whole number as the name of a category; callers' tables often hold one so."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _whole(value: Any) -> Any:
    """Take 3.0 as 3, as JSON Schema does: a frame with gaps holds its whole numbers so."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _no_number(value: Any) -> Any:
    # A table has its times as such; JSON has none.
    if not isinstance(value, str | datetime):
        raise ValueError("a time is a text such as 2013-05-01T17:15:00Z")
    return value


def _in_utc(moment: datetime) -> datetime:
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise ValueError(f"a time is between the years {FIRST_YEAR} and {LAST_YEAR}")
    return as_utc(moment)
