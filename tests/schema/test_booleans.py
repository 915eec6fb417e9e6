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


def test_one_and_nought_are_booleans_with_any_number_of_decimal_noughts() -> None:
    column = ContractColumn(name="c", type="boolean")
    reading = read_values(["1.00", "0.000", "1.", "01", "t.0", "1.01"], column)
    assert reading.values.to_pylist() == [True, False, None, None, None, None]
