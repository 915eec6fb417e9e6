"""Columns in Arrow: moments are the same seconds in whatever unit they come."""

from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from shared.errors import Refusal
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


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (1 + 1j, r"\(1\+1j\), a complex"),
        (Fraction(1, 3), r"Fraction\(1, 3\), a Fraction"),
        ("\ud800", r"'\\ud800', a str"),
    ],
)
def test_a_frame_with_what_no_column_can_be_is_refused_and_not_written_as_texts(
    value: Any, shown: str
) -> None:
    frame = pd.DataFrame({"a": pd.Series([value, "x", None], dtype=object)})
    with pytest.raises(Refusal, match=f"^column 'a' holds {shown}, which no column of a contract"):
        arrow.table(frame)


def test_a_frame_with_values_of_several_types_has_their_texts() -> None:
    frame = pd.DataFrame({"a": pd.Series([10**30, "x", 2.5, None], dtype=object)})
    assert arrow.table(frame)["a"].to_pylist() == [str(10**30), "x", "2.5", None]
