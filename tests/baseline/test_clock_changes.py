"""Changes of clocks: by how much habits of local time come later, or earlier, in UTC."""

import pandas as pd
import pytest

from shared.baseline.clock_changes import changes_between


def _seconds(date: str) -> float:
    return pd.Timestamp(date, tz="UTC").timestamp()


@pytest.mark.parametrize(
    ("before", "after", "hours"),
    [
        ("2025-01-10", "2025-02-20", set()),
        # Put forward in North America, and then in Europe, too.
        ("2025-02-20", "2025-03-20", {-1}),
        ("2025-03-20", "2025-04-02", {-1}),
        # Put back in Australia.
        ("2025-04-02", "2025-04-20", {1}),
        ("2025-06-01", "2025-07-01", set()),
        ("2025-07-01", "2025-12-01", {-1, 1}),
        # A year later they are as they were.
        ("2025-01-10", "2026-01-10", set()),
    ],
)
def test_rows_come_earlier_once_clocks_are_put_forward(
    before: str, after: str, hours: set[int]
) -> None:
    assert changes_between(_seconds(before), [_seconds(after)]) == hours
