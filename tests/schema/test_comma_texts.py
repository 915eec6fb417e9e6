"""Numbers with a decimal comma: read by their commas, shown as they are written."""

import pyarrow as pa

from shared.schema.comma_texts import as_written, comma_texts
from shared.schema.contract import ContractColumn
from shared.schema.reading import read_column


def test_a_comma_is_read_as_a_point_and_a_point_is_no_number() -> None:
    texts = comma_texts(pa.chunked_array([["1,5", None], ["1.234"]]))
    reading = read_column(texts, ContractColumn(name="c", type="number"))
    assert reading.values.to_pylist() == [1.5, None, None]
    assert reading.unreadable["not a number"].tolist() == [False, False, True]


def test_rows_of_them_are_taken_and_shown_as_they_are_written() -> None:
    table = pa.table({"c": comma_texts(pa.chunked_array([["1,5", "1.234"]])), "d": ["1.5", "x"]})
    assert as_written(table.take([1])).to_pylist() == [{"c": "1.234", "d": "x"}]
    assert as_written(table).schema.types == [pa.string(), pa.string()]


def test_columns_of_them_are_told_apart_by_their_types_as_any_others_are() -> None:
    kind = comma_texts(pa.chunked_array([["1,5"]])).type
    assert len({kind, comma_texts(pa.chunked_array([["2"]])).type, pa.string()}) == 2
