"""The rows that a server takes and gives, by a contract."""

import json
from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec
from pydantic import Field, create_model

from shared.errors import Refusal
from shared.model.bundle import Bundle
from shared.schema.columns import Columns
from shared.schema.contract import ColumnType, Contract, ContractColumn
from shared.sections.operation import Serve
from shared.sections.section import Section
from shared.tasks.choice import task_of
from shared.tasks.task import AnswerColumn

MOST_ROWS = 10_000
Part = TypeVar("Part", bound=Section)
# A row as the values of key, time and features.
Values = tuple[Any, ...]
TYPES: dict[ColumnType, type] = {"number": float, "boolean": bool, "category": str, "text": str}


class AnswerForm:
    """What a row is answered: columns of the task's between those that every answer has."""

    def __init__(self, contract: Contract) -> None:
        self._columns = task_of(contract).columns
        self._model = create_model("Answer", **_fields(self._columns))
        self.names = tuple(self._model.model_fields)
        # It is made, and written, in a third of the time of a model's.
        self._struct = msgspec.defstruct("Answer", self.names, gc=False)

    @property
    def columns(self) -> list[ContractColumn]:
        """The task's own columns."""
        return [column for column, _ in self._columns]

    def answers(self, logged: Columns) -> list[Any]:
        """Return what each row of what is logged is answered: a struct to be written."""
        return list(map(self._struct, *(logged[name] for name in self.names)))

    def schema(self, place: str) -> dict[str, Any]:
        """Return the JSON schema of an answer."""
        return self._model.model_json_schema(ref_template=place)


def _fields(answered: Sequence[AnswerColumn]) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "prediction_id": (str, Field(description="this answer's row in the prediction log")),
        "key": (str | int, Field(description="the caller's key")),
    }
    for column, meaning in answered:
        kind: Any = TYPES[column.type]
        fields[column.name] = (kind | None if column.nullable else kind, Field(description=meaning))
    digest = Field(description="the digest of the bundle that answered")
    return fields | {"bundle": (str, digest)}


def row_limits(bundle: Bundle) -> Serve:
    """Return how many rows a request to a bundle may have, by the settings it was packaged with."""
    return packaged_section(bundle, "serve", Serve)


def packaged_section(bundle: Bundle, name: str, section: type[Part]) -> Part:
    """Return a section of the settings that a bundle was packaged with.

    The rest of them may be those of another version of Millrace. Raises `Refusal`.
    """
    try:
        packaged = json.loads((bundle.path / "settings.json").read_bytes())
        return section.model_validate(packaged.get(name, {}))
    except (OSError, ValueError, AttributeError) as error:
        why, digest = str(error).splitlines()[0], bundle.digest[:12]
        raise Refusal(f"bundle {digest}: settings.json has no [{name}]: {why}") from None


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
