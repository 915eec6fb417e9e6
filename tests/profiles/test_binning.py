"""The binner: the same bins as numpy's search, for any edges and numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.profiles.binning import FEW, Binner

ODD = [0.0, -0.0, 5e-324, -5e-324, 1.0, np.nextafter(1, 2), np.nextafter(1, 0), 1e308, -1e308]
NUMBERS = (
    st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(ODD)
    | st.integers(0, 9).map(float)
)


@given(
    edges=st.lists(NUMBERS, max_size=66, unique=True).map(sorted),
    numbers=st.lists(NUMBERS, min_size=1, max_size=99),
    rows=st.sampled_from([1, FEW - 1, FEW, FEW + 99]),
)
def test_a_number_is_in_the_bin_that_numpy_finds(
    edges: list[float], numbers: list[float], rows: int
) -> None:
    every = np.resize(np.array([*numbers, *edges]), rows)
    expected = np.searchsorted(np.array(edges), every, side="right")
    assert (Binner(tuple(edges))(every) == expected).all()


@pytest.mark.parametrize("start", [1.0, -1.0, 5e-324])
def test_many_edges_within_one_cell_are_told_apart(start: float) -> None:
    bits = np.array([start]).view("int64")[0] + np.arange(64)
    edges = np.sort(bits.view("float64"))
    every = np.resize(edges, FEW)
    expected = np.searchsorted(edges, every, side="right")
    assert (Binner(tuple(edges))(every) == expected).all()
