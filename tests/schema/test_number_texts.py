"""Numbers that are written for people: read by their signs, shown as they are written."""

import pyarrow as pa
import pytest

from shared.schema.contract import ContractColumn
from shared.schema.number_texts import as_written, number_texts
from shared.schema.reading import read_column


@pytest.mark.parametrize(
    ("signs", "texts", "read"),
    [
        ((",", ""), ["1,5", None, "1.234"], [1.5, None, None]),
        ((",", "."), ["1.234,5", "-12.345.678", "1,5"], [1234.5, -12345678.0, 1.5]),
        # What no thousands can stand in is no number, be it one without the sign.
        ((",", "."), ["1.23", "1234.567", "1.2345,0"], [None, None, None]),
        ((".", ","), ["1,234.5", "1,23", "12"], [1234.5, None, 12.0]),
        ((".", ","), ["1,234,56", "1234,567", ",5"], [None, None, None]),
        ((",", " "), ["1 234,5", "1\u00a0234", "1\u202f234,25"], [1234.5, 1234.0, 1234.25]),
        ((".", "'"), ["1'234.50", "1'23", "7"], [1234.5, None, 7.0]),
        ((".", "'"), ["1'234", "'1", "1'234'5"], [1234.0, None, None]),
    ],
)
def test_numbers_are_read_by_their_signs_and_what_has_others_is_none(
    signs: tuple[str, str], texts: list[str | None], read: list[float | None]
) -> None:
    came = number_texts(pa.chunked_array([texts[:1], texts[1:]], pa.string()), *signs)
    reading = read_column(came, ContractColumn(name="c", type="number"))
    assert reading.values.to_pylist() == read
    wrong = reading.unreadable.get("not a number")
    expected = [value is None and text is not None for value, text in zip(read, texts, strict=True)]
    assert (wrong.tolist() if wrong is not None else [False] * 3) == expected


def test_rows_of_them_are_taken_and_shown_as_they_are_written() -> None:
    texts = number_texts(pa.chunked_array([["1,5", "1.234"]]), ",", ".")
    table = pa.table({"c": texts, "d": ["1.5", "x"]})
    assert as_written(table.take([1])).to_pylist() == [{"c": "1.234", "d": "x"}]
    assert as_written(table).schema.types == [pa.string(), pa.string()]


def test_columns_of_them_are_told_apart_by_their_types_as_any_others_are() -> None:
    one, same, other = (
        number_texts(pa.chunked_array([["1,5"]]), *signs).type for signs in (",", ",", (",", "."))
    )
    assert len({one, same, pa.string()}) == 2
    assert one == same
    assert one != other


def test_plain_numbers_stay_plain_texts() -> None:
    texts = pa.chunked_array([["1.5"]])
    assert number_texts(texts, ".") is texts
