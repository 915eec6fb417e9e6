"""Booleans with texts of their own."""

from shared.schema.contract import ContractColumn
from shared.schema.reading import read_values


def test_a_pair_of_texts_stands_for_false_and_true() -> None:
    column = ContractColumn(name="c", type="boolean", truths=("paid", "lost"))
    reading = read_values(["lost", "paid", "open", None, True], column)
    assert reading.values.to_pylist() == [True, False, None, None, True]
    assert [(w, r.tolist()) for w, r in reading.unreadable.items()] == [
        ("neither paid nor lost", [False, False, True, False, False])
    ]
