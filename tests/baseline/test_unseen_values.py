"""Unseen values: the share of a span, as the definition counts it row by row."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.baseline.unseen_values import UnseenValues

VALUES = st.integers(-3, 6).map(float) | st.just(np.nan) | st.just(np.inf)


def counted(values: list[float], begin: int, end: int, until: int | None) -> float:
    """Return the share by its definition: within the others' range, and none of them."""
    others = values[:begin] + values[end:] if until is None else values[:until]
    known = [value for value in others if np.isfinite(value)]
    span = [value for value in values[begin:end] if np.isfinite(value)]
    if not known or not span:
        return 0.0
    low, high = min(known), max(known)
    return sum(low < value < high and value not in known for value in span) / len(span)


@given(
    values=st.lists(VALUES, min_size=1, max_size=30),
    spans=st.lists(st.tuples(st.integers(0, 29), st.integers(1, 30)), min_size=1, max_size=4),
    before=st.none() | st.integers(0, 29),
)
def test_the_shares_are_those_of_the_definition(
    values: list[float], spans: list[tuple[int, int]], before: int | None
) -> None:
    begins = np.array([min(begin, len(values) - 1) for begin, _ in spans])
    ends = np.array([min(max(span), len(values)) for span in spans])
    until = None if before is None else np.minimum(before, begins)
    shares = UnseenValues(np.array(values)).shares(begins, ends, until)
    each = [None] * len(spans) if until is None else until.tolist()
    expected = [counted(values, *span) for span in zip(begins, ends, each, strict=True)]
    assert shares == pytest.approx(expected)
