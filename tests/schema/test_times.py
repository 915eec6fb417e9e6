"""Times in ISO 8601, as the contract says, and beyond the years."""

import json

import pandas as pd
import pyarrow as pa
import pytest

from shared.schema.contract import ContractColumn
from shared.schema.reading import read_series, read_values
from shared.schema.times import OUT_OF_YEARS
from shared.serving.protocols.json_rows import RowReader
from tests.values import BY_TYPE


def test_times_are_read_as_the_contract_says_and_as_iso() -> None:
    column = ContractColumn(name="c", type="time", format="%d/%m/%Y %H:%M")
    reading = read_values(["01/05/2024 10:00", "2024-05-01", "05/13/2024 10:00"], column)
    found = [str(moment) for moment in reading.values.to_pylist()]
    assert found == ["2024-05-01 10:00:00+00:00", "2024-05-01 00:00:00+00:00", "None"]
    assert [(w, r.tolist()) for w, r in reading.unreadable.items()] == [
        ("not a time as %d/%m/%Y %H:%M writes it", [False, False, True])
    ]


@pytest.mark.parametrize(("unit", "one"), [("seconds", 1), ("milliseconds", 1_000)])
def test_numbers_since_1970_are_times_where_the_contract_says_so(unit: str, one: int) -> None:
    column = ContractColumn(name="c", type="time", nullable=True, format=unit)
    at = 1_367_428_500
    moment = "2013-05-01 17:15:00+00:00"
    for values in ([at * one, None], [at * one + 0.0, None], [str(at * one), None]):
        assert [str(each) for each in read_values(values, column).values.to_pylist()] == [
            moment,
            "None",
        ]
    asked = json.dumps([{"c": at * one}, {"c": "2013-05-01T17:15:00Z"}, {"c": None}]).encode()
    rows = RowReader([column]).read_json(asked)[0]
    assert [str(row[0]) for row in rows] == [moment, moment, "None"]
    odd = read_values(["soon", "1e9", str(at * one), "9" * 18, "2013-05-01"], column)
    assert {words: rows.tolist() for words, rows in odd.unreadable.items()} == {
        OUT_OF_YEARS: [False, False, False, True, False],
        f"not a number of {unit} since 1970": [True, True, False, False, False],
    }
    assert read_values([10**18], column).unreadable.keys() == {OUT_OF_YEARS}


def test_a_zone_may_bring_a_time_into_the_years_in_whatever_company() -> None:
    near = ["1899-12-31T23:00:00-02:00", "2201-01-01T01:00:00+02:00"]
    for company in ([], ["2024-05-01"]):
        reading = read_values(near + company, BY_TYPE["time"])
        assert [moment.year for moment in reading.values.to_pylist()[:2]] == [1900, 2200]
        assert reading.unreadable == {}


def test_what_is_finer_than_a_microsecond_is_cut_toward_the_past_whatever_holds_it() -> None:
    texts = [
        "2024-05-01T10:00:30.123456789Z",
        "1969-12-31T23:59:59.999999999Z",
        "1969-12-31T23:59:59.123456Z",
    ]
    column = BY_TYPE["time"]
    read = read_values(texts, column).values.to_pylist()
    assert [moment.microsecond for moment in read] == [123_456, 999_999, 123_456]
    assert read[1].year == 1969
    frame = pd.Series(pd.to_datetime(texts, format="ISO8601"))
    for values in (frame, pa.chunked_array([pa.array(frame)]), pd.Series([*frame], dtype=object)):
        assert read_series(values, column).values.to_pylist() == read
    written = json.dumps([{"c": text} for text in texts]).encode()
    assert [row[0] for row in RowReader([column]).read_json(written)[0]] == read
