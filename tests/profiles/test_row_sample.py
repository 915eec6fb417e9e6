"""Samples of rows: those of parts add up to that of the whole, in any order."""

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from shared.profiles.row_sample import RowSample, sample_rows

HASHES = st.lists(st.integers(0, 2**64 - 1), min_size=3, max_size=30, unique=True)


def sample(hashes: list[int]) -> RowSample:
    return sample_rows(pa.table({"row": pa.array(hashes, pa.uint64())}), np.array(hashes, "u8"), 5)


@given(HASHES)
def test_parts_add_up_to_the_whole(hashes: list[int]) -> None:
    one, two, three = (sample(hashes[at::3]) for at in range(3))
    for added in ((one + two) + three, one + (two + three), sample(hashes)):
        assert added.rows["row"].tolist() == sorted(hashes)[:5]
