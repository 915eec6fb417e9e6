"""A contract as a bundle keeps it."""

from shared.schema.contract import Contract
from shared.schema.inference import infer_contract


def test_a_contract_survives_json(settings, table):
    contract = infer_contract(table, settings)
    assert Contract.model_validate_json(contract.model_dump_json()) == contract
