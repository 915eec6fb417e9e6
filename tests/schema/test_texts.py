"""Texts, whatever Arrow type holds them, and whole numbers as texts."""

import pandas as pd
import pyarrow as pa
import pytest

from shared.schema.contract import ContractColumn
from shared.schema.reading import read_column, read_series, read_values
from shared.schema.texts import HOLDS_NUL, zeros_lost
from tests.values import BY_TYPE

FORMS = [
    pa.array(["a", None], pa.string_view()),
    pa.array(["a", None], pa.large_string()),
    pa.array(["a", None], pa.string_view()).dictionary_encode(),
    pa.array(["a", None]).dictionary_encode(),
    pa.array(["a", None]).dictionary_encode().cast(pa.dictionary(pa.int8(), pa.large_string())),
    pa.DictionaryArray.from_arrays(pa.array([0, 1], pa.int32()), pa.array(["a", None])),
    pa.DictionaryArray.from_arrays(
        pa.array([0, 1], pa.int8()), pa.array(["a", None], pa.large_string())
    ),
]


@pytest.mark.parametrize("came", FORMS, ids=lambda form: str(form.type))
def test_texts_are_read_whatever_arrow_type_holds_them(came: pa.Array) -> None:
    values = read_column(pa.chunked_array([came]), BY_TYPE["text"]).values
    assert values.to_pylist() == ["a", None]
    assert values.null_count == 1


def test_whole_numbers_beside_gaps_are_texts_without_a_point() -> None:
    zips = pd.Series([10001, None, 501])
    assert read_series(zips, BY_TYPE["category"]).values.to_pylist() == ["10001", None, "501"]


def test_unsigned_numbers_keep_every_digit_as_texts() -> None:
    ids = pa.chunked_array([pa.array([2**64 - 1], pa.uint64())])
    assert read_column(ids, BY_TYPE["text"]).values.to_pylist() == [str(2**64 - 1)]
    assert [*read_column(ids, BY_TYPE["integer"]).unreadable]


def test_half_a_surrogate_pair_is_no_text() -> None:
    for company in ([], [1], [None]):
        reading = read_values(["\ud800", *company], BY_TYPE["text"])
        assert [(words, rows[0]) for words, rows in reading.unreadable.items()] == [
            ("not a text", True)
        ]


@pytest.mark.parametrize("text", ["a\0b", "\0"])
def test_a_null_character_is_found_wherever_it_stands(text: str) -> None:
    column = ContractColumn(name="region", type="text")
    texts = pa.array(["x" * 9, text, None, "y"])
    found = read_column(pa.chunked_array([texts.slice(1)]), column)
    assert found.values.to_pylist() == [None, None, "y"]
    assert found.unreadable[HOLDS_NUL].tolist() == [True, False, False]
    assert not read_column(pa.chunked_array([texts.slice(2), texts[:1]]), column).unreadable


def test_digits_that_are_a_category_without_its_zeros_name_it() -> None:
    categories = ("007", "012", "12a", "0", "30")
    assert zeros_lost(["7", "12", "30", "007", "5", ""], categories[:3]) == {
        "7": "007",
        "12": "012",
    }
    assert zeros_lost(["", "0"], categories) == {}
    assert zeros_lost(["0"], ("000",)) == {"0": "000"}
    assert zeros_lost(["1", "1.5"], ("1.0", "2.0", "1.50")) == {"1": "1.0"}


@pytest.mark.parametrize("is_coded", [False, True])
def test_beside_two_texts_that_are_true_and_false_there_is_no_third(is_coded: bool) -> None:
    two = ContractColumn(name="c", type="text", truths=("paid", "lost"))
    came = pa.array(["paid", "maybe", None, "lost", "x" * 1_001])
    reading = read_column(pa.chunked_array([came.dictionary_encode() if is_coded else came]), two)
    assert reading.values.to_pylist() == ["paid", None, None, "lost", None]
    assert {words: [*rows] for words, rows in reading.unreadable.items()} == {
        "a text of more than 1,000 characters": [False] * 4 + [True],
        "neither paid nor lost": [False, True, False, False, False],
    }
