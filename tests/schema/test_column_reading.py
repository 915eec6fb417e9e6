"""What could not be read is kept by its words."""

import numpy as np
import pyarrow as pa

from shared.schema.column_reading import NOT_OF_TYPE, reading_of
from tests.values import TYPES


def test_words_that_no_row_has_are_left_out() -> None:
    column = pa.chunked_array([pa.array([1.0, None])])
    some, none = np.array([False, True]), np.array([False, False])
    reading = reading_of(column, ("broken", some), ("never", none))
    assert [*reading.unreadable] == ["broken"]
    assert {*NOT_OF_TYPE} == {*TYPES}
