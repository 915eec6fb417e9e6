"""What the rows of a column take, however few bytes they are said in."""

from decimal import Decimal

import pyarrow as pa
import pytest

from shared.serving.protocols.column_sizes import is_plain, row_bytes

CODED = pa.DictionaryArray.from_arrays([0] * 6 + [1, None, 1, 1], ["x" * 100, ""])
RUNS = pa.run_end_encoded(pa.int32(), pa.string())
TEXTS = ["x" * 100] * 6 + [None] * 4


@pytest.mark.parametrize(
    ("column", "size"),
    [
        (pa.array([1] * 10, pa.int8()), 80),
        (pa.nulls(10), 80),
        (pa.array([Decimal(1)] * 10, pa.decimal256(60, 2)), 320),
        (pa.array(TEXTS), 680),
        (pa.array(TEXTS, pa.large_string()), 680),
        (pa.array(TEXTS, pa.string_view()), 680),
        (pa.array(["y", *TEXTS], pa.string_view()).slice(1), 680),
        (CODED, 680),
        (CODED.cast(pa.dictionary(pa.int32(), pa.large_string())), 680),
    ],
)
def test_texts_count_as_often_as_they_are_there(column: pa.Array, size: int) -> None:
    assert row_bytes(pa.chunked_array([column])) == size


def test_a_row_has_plain_values() -> None:
    plain = (pa.bool_(), pa.date32(), pa.time64("us"), pa.duration("s"), pa.uuid(), pa.float16())
    assert all(map(is_plain, (*plain, CODED.type, pa.timestamp("ns", "UTC"))))
    nested = (pa.list_(pa.int8()), pa.struct([]), pa.map_(pa.int8(), pa.int8()), pa.binary(), RUNS)
    assert not any(map(is_plain, (*nested, *(pa.dictionary(pa.int8(), kind) for kind in nested))))
