"""Columns in Arrow: moments are the same seconds in whatever unit they come."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from shared.schema import arrow


def test_times_of_any_precision_are_read() -> None:
    moments = pd.date_range("1990-01-01", "2090-01-01", periods=7, tz="UTC").as_unit("ns")
    found = arrow.seconds(arrow.table(pd.DataFrame({"at": moments}))["at"])
    assert found == pytest.approx([moment.timestamp() for moment in moments])


def test_texts_that_are_no_iso_times_are_no_moments() -> None:
    found = arrow.seconds(pa.chunked_array([["1970-01-02", "03/05/2024", "soon", None]]))
    assert found.tolist() == pytest.approx([86_400, np.nan, np.nan, np.nan], nan_ok=True)
