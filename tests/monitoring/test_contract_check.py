"""The contract: what it forbids of a window is a violation, be it in one row."""

from shared.monitoring import contract_check
from shared.schema.violations import Violation


def test_a_broken_contract_is_acted_upon_be_it_in_one_row() -> None:
    violation = Violation("age", "above 120", 1, 0.001, ("200",))
    (reason,) = contract_check.contract_reasons([violation])
    assert (reason.level, reason.what, reason.column) == ("act", "age: above 120 (200)", "age")
    assert reason.next_step == "Fix what feeds age: it violates the bundle's contract."
