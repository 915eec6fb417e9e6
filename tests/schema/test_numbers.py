"""Numbers and whole numbers keep their digits, whatever holds them."""

from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.schema.column_reading import LOSES_DIGITS
from shared.schema.contract import ColumnType
from shared.schema.reading import read_column, read_values
from tests.values import BY_TYPE


@given(st.lists(st.integers(-(2**63), 2**63 - 1) | st.none(), min_size=1, max_size=5))
def test_no_whole_number_loses_a_digit(numbers: list[int | None]) -> None:
    for held in (numbers, [None if n is None else str(n) for n in numbers]):
        reading = read_values(held, BY_TYPE["integer"])
        assert (reading.values.to_pylist(), reading.unreadable) == (numbers, {})


@pytest.mark.parametrize("sign", ["", "+", "-"])
@pytest.mark.parametrize("kind", ["integer", "number"])
def test_a_text_of_any_length_is_the_number_of_its_digits(kind: ColumnType, sign: str) -> None:
    digits = ["0" * 5_000 + "7", "7." + "0" * 5_000, "9" * 5_000, "0" * 5_000 + "9" * 30]
    reading = read_values([sign + each for each in digits], BY_TYPE[kind])
    seven = -7 if sign == "-" else 7
    assert reading.values.to_pylist() == [seven, seven, None, None]
    assert {words: rows.tolist() for words, rows in reading.unreadable.items()} == {
        LOSES_DIGITS: [False, False, True, True]
    }


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("9007199254740993e0", None),
        ("9007199254740993.5", None),
        ("-900719925474099.3E1", None),
        ("9007199254740994e0", 2.0**53 + 2),
        ("1e300", 1e300),
        ("0.12345678901234567891", 0.12345678901234567891),
    ],
)
def test_a_text_with_an_exponent_or_a_fraction_is_the_float_of_all_its_digits_or_refused(
    text: str, number: float | None
) -> None:
    reading = read_values([text], BY_TYPE["number"])
    assert reading.values.to_pylist() == [number]
    assert [*reading.unreadable] == [LOSES_DIGITS] * (number is None)


@given(st.lists(st.decimals(-(2**50), 2**50, places=4), min_size=1, max_size=5))
def test_a_decimal_is_the_float_that_its_digits_are(numbers: list[Decimal]) -> None:
    for held in (pa.decimal128(38, 4), pa.decimal256(60, 4)):
        read = read_column(pa.chunked_array([pa.array(numbers, held)]), BY_TYPE["number"])
        assert read.values.to_pylist() == [float(str(number)) for number in numbers]


@given(st.lists(st.floats() | st.none(), min_size=1, max_size=5))
def test_floats_are_read_the_same_as_themselves_and_as_texts(numbers: list[float | None]) -> None:
    known = [None if n is None or n != n else n for n in numbers]  # noqa: PLR0124
    as_texts = read_values([None if n is None else repr(n) for n in known], BY_TYPE["number"])
    as_floats = read_values(known, BY_TYPE["number"])
    lossy = [
        n is not None and n.is_integer() and abs(n) >= 2**53 and "e" not in repr(n) for n in known
    ]
    for at, (one, other) in enumerate(
        zip(as_floats.values.to_pylist(), as_texts.values.to_pylist(), strict=True)
    ):
        assert one == other or lossy[at]
