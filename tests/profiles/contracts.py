"""Contracts for the tests: a key, a time, an outcome, and features of given types."""

from collections.abc import Mapping

from shared.schema.contract import Contract, ContractColumn


def contract(features: Mapping[str, str]) -> Contract:
    """Return the contract of rows with these features, each with its type."""
    return Contract(
        key="id",
        time="at",
        target="late",
        features=tuple(features),
        columns=(
            ContractColumn(name="id", type="integer"),
            ContractColumn(name="at", type="time"),
            *(ContractColumn(name=n, type=t, nullable=True) for n, t in features.items()),
            ContractColumn(name="late", type="boolean", nullable=True),
        ),
    )
