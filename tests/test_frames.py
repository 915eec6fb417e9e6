"""Frames come back from Parquet as they were: values, index, and types."""

import pickle
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.pandas import column, data_frames, range_indexes
from problems.flights import source

from shared import frames

MOMENTS = pd.to_datetime(["2024-03-31 00:30", None, "2024-10-27 01:30"])
GRADES = pd.CategoricalDtype(["low", "middle", "high"], ordered=True)

FRAMES = {
    "numbers with gaps": pd.DataFrame({"a": [1.5, np.nan, -0.0], "b": np.array([1, 2, 3], "int8")}),
    "gaps in texts written as NaN": pd.DataFrame({"a": ["x", np.nan, ""]}),
    "gaps in texts written as None": pd.DataFrame({"a": ["x", None, ""]}),
    "true, false and a gap": pd.DataFrame({"late": [True, False, np.nan]}, dtype=object),
    "nothing but gaps": pd.DataFrame({"a": [None, None], "b": [np.nan, np.nan]}, dtype=object),
    "times in zones": pd.DataFrame(
        {"utc": MOMENTS.tz_localize("UTC"), "paris": MOMENTS.tz_localize(ZoneInfo("Europe/Paris"))}
    ),
    "times and spans": pd.DataFrame({"at": MOMENTS, "for": MOMENTS - pd.Timestamp(0)}),
    "nullable types": pd.DataFrame(
        {
            "i": pd.array([1, None, 3], "Int16"),
            "b": pd.array([True, None, False], "boolean"),
            "s": pd.array(["x", None, ""], "string"),
        }
    ),
    "ordered categories, one unused": pd.DataFrame({"a": pd.Series(["low", None], dtype=GRADES)}),
    "an index that was filtered": pd.DataFrame({"a": [1, 2, 3]}).loc[[2, 0]],
    "a named index of two levels": pd.DataFrame(
        {"a": [1.0, 2.0]},
        index=pd.MultiIndex.from_tuples([("x", 1), ("y", 2)], names=["one", "two"]),
    ),
    "numbered columns": pd.DataFrame(np.eye(2), columns=[0, 1]),
    "no rows": pd.DataFrame(
        {"a": pd.Series([], dtype="float32"), "b": pd.Series([], dtype=object)}
    ),
}


@pytest.mark.parametrize("name", FRAMES)
def test_a_frame_comes_back_as_it_was(name: str) -> None:
    frame = FRAMES[name]
    content = frames.to_parquet(frame)
    assert content is not None
    assert content.startswith(b"PAR1")
    back = frames.from_parquet(content)
    pd.testing.assert_frame_equal(back, frame, check_exact=True, check_freq=False)
    assert [list(map(repr, back[name])) for name in back] == [
        list(map(repr, frame[name])) for name in frame
    ]


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"a": [1, "x"]}),
        pd.DataFrame({"a": [None, np.nan, "x"]}),
        pd.DataFrame({"a": [{1}, {2}]}),
        pd.DataFrame([[1, 2]], columns=["a", "a"]),
        pd.DataFrame(index=pd.RangeIndex(3)),
    ],
)
def test_what_parquet_cannot_give_back_is_not_written(frame: pd.DataFrame) -> None:
    assert frames.to_parquet(frame) is None


COLUMNS = [
    column("i", dtype=np.int64),
    column("f", dtype=np.float64),
    column("t", elements=st.one_of(st.none(), st.text(st.characters(codec="utf-8")))),
]


@settings(max_examples=50)
@given(data_frames(COLUMNS, index=range_indexes()))
def test_any_plain_frame_comes_back(frame: pd.DataFrame) -> None:
    content = frames.to_parquet(frame)
    assert content is not None
    pd.testing.assert_frame_equal(frames.from_parquet(content), frame, check_exact=True)


def test_a_year_of_flights_takes_a_tenth_of_its_pickle() -> None:
    table = source.table().head(50_000)
    content = frames.to_parquet(table)
    assert content is not None
    assert frames.from_parquet(content).equals(table)
    assert len(content) * 10 < len(pickle.dumps(table))


def test_columns_of_any_name_are_replaced_and_the_frame_stays_as_it_was() -> None:
    frame = pd.DataFrame({"self": [1, 2], "a": [3, 4]})
    made = frames.with_values(frame, {"self": [5, 6], "b": 7})
    assert made.to_dict("list") == {"self": [5, 6], "a": [3, 4], "b": [7, 7]}
    assert frame.to_dict("list") == {"self": [1, 2], "a": [3, 4]}


def test_a_large_frame_comes_back_as_it_was_in_columns_that_may_be_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    frame = pd.DataFrame(
        {
            "number": np.arange(3_000) / 7,
            "whole": np.arange(3_000),
            "text": ["x", None, "y"] * 1_000,
            "key": [f"k{at}" for at in range(3_000)],
            "at": pd.date_range("2024-01-01", periods=3_000, freq="h", tz="UTC"),
            "late": [True, False, True] * 1_000,
        }
    )
    content = frames.to_parquet(frame)
    assert content is not None
    monkeypatch.setattr(frames, "LARGE_ROWS", 2_999)
    back = frames.from_parquet(content)
    pd.testing.assert_frame_equal(back, frame, check_exact=True, check_freq=False)
    back.iloc[:, 0].to_numpy()[0] = 9.0
    assert back["number"][0] == 9.0
