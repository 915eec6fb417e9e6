"""Booleans: with texts of their own, and beside codes that are none."""

import pyarrow as pa
import pytest

from shared.schema.booleans import are_other_codes, read_booleans
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


@pytest.mark.parametrize(
    ("came", "are"),
    [
        ([1, 2, 1], True),
        (["1", "2.0", ""], True),
        ([-1.0, 1.0, float("nan")], True),
        ([0, 1, 2], False),
        ([1, 2, 2.5], False),
        ([1, 1, 1e300], False),
        ([1, 1, 480], False),
        ([1, 1, None], False),
        (["1", "unknown"], False),
    ],
)
def test_one_of_two_codes_is_told_from_a_number_that_no_label_is(
    came: list[object], are: bool
) -> None:
    column = pa.chunked_array([pa.array(came)])
    read = read_booleans(column, ContractColumn(name="paid", type="boolean"))
    assert are_other_codes(column, read) == are
