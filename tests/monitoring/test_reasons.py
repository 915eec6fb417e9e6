"""Reasons: what is odd of the rows, however few of them."""

from shared.monitoring import reasons
from shared.schema.violations import Violation


def test_a_broken_contract_is_acted_upon_be_it_in_one_row() -> None:
    (found,) = reasons.of_contract([Violation("age", "above 120", 1, 0.001, ("200",))])
    assert (found.level, found.what, found.column) == ("act", "age: above 120 (200)", "age")
    assert "Fix what feeds age" in found.next_step
