"""The bad requests that verification sends."""

from shared.model.bundle import Bundle
from shared.packaging import sample_requests
from shared.schema.client_rows import client_rows
from shared.schema.contract import Contract, ContractColumn


def numbers_only() -> Contract:
    return Contract(
        key="id",
        time="at",
        target="hit",
        features=("depth",),
        columns=(
            ContractColumn(name="id", type="integer"),
            ContractColumn(name="at", type="time"),
            ContractColumn(name="depth", type="number", nullable=True),
            ContractColumn(name="hit", type="boolean", nullable=True),
        ),
    )


def test_there_are_ten_kinds_of_bad_requests_even_for_a_single_number(bundle: Bundle) -> None:
    good = {"id": 1, "at": "2024-04-01T10:00:00Z", "depth": 0.5}
    kinds = [kind for kind, _, _ in sample_requests.bad(good, numbers_only())]
    assert len(kinds) == len(set(kinds)) >= 10
    loan = client_rows(bundle.golden().head(1), bundle.contract)[0]
    more = [kind for kind, _, _ in sample_requests.bad(loan, bundle.contract)]
    assert {"a number above its range", "a required value that is null"} <= set(more)
