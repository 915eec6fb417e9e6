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


def test_a_table_without_views_has_its_values_and_rows_of_it_can_be_taken() -> None:
    texts = pa.array(["a", None], pa.string_view())
    lists = pa.array([["a"], []], pa.list_(pa.string_view()))
    held = {"text": texts, "code": texts.dictionary_encode(), "list": lists, "number": [1, 2]}
    plain = arrow.without_views(pa.table(held))
    assert plain.to_pylist() == pa.table(held).to_pylist()
    assert plain.take([1]).to_pylist() == [{"text": None, "code": None, "list": [], "number": 2}]


def test_dates_are_written_also_where_python_has_none() -> None:
    dates = pa.chunked_array([pa.array([19_844, 2**31 - 1, None], pa.int32()).view(pa.date32())])
    written = ["2024-05-01", "<value out of range: 2147483647>", None]
    assert arrow.texts(dates).to_pylist() == written
