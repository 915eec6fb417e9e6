"""The rows that a server takes and gives, by a contract."""

from typing import Any

import msgspec
from pydantic import BaseModel, Field

from shared.schema.columns import Columns
from shared.schema.contract import Contract, ContractColumn

MOST_ROWS = 10_000
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


def answers(logged: Columns) -> list[Any]:
    """Return what each row of what is logged is answered: an `Answer` to be written."""
    return list(map(_ANSWER, *(logged[name] for name in ANSWERED)))


def names(contract: Contract) -> tuple[str, ...]:
    """Return the names that a row has, in their order: of key, time and features."""
    return (contract.key, contract.time, *contract.features)


def asked_columns(contract: Contract) -> tuple[ContractColumn, ...]:
    """Return the columns of a row that asks: key and time are never missing."""
    required = _known(contract, contract.key), _known(contract, contract.time)
    return (*required, *(contract[name] for name in contract.features))


def outcome_columns(contract: Contract) -> tuple[ContractColumn, ...]:
    """Return the columns of an outcome: a key, and the target's true value."""
    return _known(contract, contract.key), _known(contract, contract.target)


def _known(contract: Contract, name: str) -> ContractColumn:
    return contract[name].model_copy(update={"nullable": False})
