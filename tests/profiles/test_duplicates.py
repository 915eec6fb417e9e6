"""Duplicates: sketches of parts add up to that of the whole, in any order."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.profiles.duplicates import DuplicateSketch, sketch_duplicates

DIGESTS = st.lists(st.integers(0, 40) | st.integers(0, 2**64 - 1), max_size=60)


def sketch(digests: list[int]) -> DuplicateSketch:
    return sketch_duplicates(np.array(digests, dtype="uint64"))


@given(DIGESTS, DIGESTS, DIGESTS)
def test_parts_add_up_to_the_whole(one: list[int], two: list[int], three: list[int]) -> None:
    whole = sketch(one + two + three)
    parts = [sketch(part) for part in (one, two, three)]
    for added in ((parts[0] + parts[1]) + parts[2], parts[0] + (parts[1] + parts[2])):
        assert added.hashes.tolist() == whole.hashes.tolist()
        assert added.counts.tolist() == whole.counts.tolist()


@pytest.mark.parametrize("rows", [0, 1, 5_000, 60_000])
def test_a_sketch_tells_the_share_of_repeats(rows: int) -> None:
    distinct = np.arange(rows, dtype="uint64")
    again = distinct[: rows // 4]
    found = sketch_duplicates(np.concatenate([distinct, again]))
    assert found.repeated == pytest.approx(0.2 if rows > 1 else 0, abs=0.03)
    parts = sketch_duplicates(distinct) + sketch_duplicates(again)
    assert (parts.counts == found.counts).all()
