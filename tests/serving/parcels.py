"""Contracts of parcels, with columns of every type and limit, and a row of them."""

from datetime import UTC, datetime
from typing import Any

from shared.schema.contract import Contract, ContractColumn

AT = "2013-05-01T17:15:00Z"
MOMENT = datetime(2013, 5, 1, 17, 15, tzinfo=UTC)
PARCEL = {"parcel": "P1", "sent": AT, "weight": 2.5, "fragile": True}


def column(name: str, kind: str, **more: Any) -> ContractColumn:
    return ContractColumn.model_validate({"name": name, "type": kind} | more)


def contract_with(*features: ContractColumn, key: str = "text") -> Contract:
    """Return the contract of parcels with these features."""
    return Contract(
        key="parcel",
        time="sent",
        target="lost",
        features=tuple(feature.name for feature in features),
        columns=(
            column("parcel", key),
            column("sent", "time"),
            *features,
            column("lost", "boolean", nullable=True),
        ),
    )


PARCELS = contract_with(
    column("weight", "number"),
    column("fragile", "boolean"),
    column("carrier", "category", nullable=True, categories=("dove", "owl")),
    column("floor", "integer", nullable=True),
)
# Of every type, with every limit that a contract may set.
STRICT = contract_with(
    column("weight", "number", minimum=0, maximum=30, outside="refuse"),
    column("floor", "integer", minimum=-2.5, maximum=9, outside="refuse", nullable=True),
    column("grade", "category", categories=("1", "2"), outside="refuse"),
    column("late by (min)", "integer"),
    column("packed", "time", nullable=True),
    column("note", "text", nullable=True),
    key="integer",
)
