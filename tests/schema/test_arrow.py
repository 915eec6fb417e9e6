"""Columns in Arrow: moments are the same seconds in whatever unit they come."""

import pandas as pd
import pytest

from shared.schema import arrow


def test_times_of_any_precision_are_read() -> None:
    moments = pd.date_range("1990-01-01", "2090-01-01", periods=7, tz="UTC").as_unit("ns")
    found = arrow.seconds(arrow.table(pd.DataFrame({"at": moments}))["at"])
    assert found == pytest.approx([moment.timestamp() for moment in moments])
