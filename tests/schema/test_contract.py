"""A contract as a bundle keeps it."""

from shared.schema.contract import Contract, listed
from shared.schema.inference import infer_contract


def test_a_contract_survives_json(settings, table):
    contract = infer_contract(table, settings)
    assert Contract.model_validate_json(contract.model_dump_json()) == contract


def test_an_empty_category_is_seen_in_a_list() -> None:
    assert listed(["", "NA", "call back", "call\nback"]) == "'', NA, call back, 'call\\nback'"
    assert listed([]) == ""
