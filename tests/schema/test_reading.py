"""Every value read by each type: as docs/values.md has it, in columns as one by one."""

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.schema.contract import ColumnType, ContractColumn
from shared.schema.reading import read_column, read_series, read_values
from tests import values
from tests.conftest import ROOT
from tests.values import TYPES, VALUES

BY_TYPE = {kind: ContractColumn(name="c", type=kind, nullable=True) for kind in TYPES}
FORMS = [
    pa.array(["a", None], pa.string_view()),
    pa.array(["a", None], pa.large_string()),
    pa.array(["a", None]).dictionary_encode(),
    pa.array(["a", None]).dictionary_encode().cast(pa.dictionary(pa.int8(), pa.large_string())),
]


def test_the_documentation_has_what_becomes_of_each_value() -> None:
    documented = (ROOT / "docs" / "values.md").read_text()
    assert documented.endswith(values.table())


@pytest.mark.parametrize("kind", TYPES)
def test_values_of_many_types_in_a_column_are_read_as_each_is_alone(kind: ColumnType) -> None:
    together = read_values(list(VALUES.values()), BY_TYPE[kind])
    for at, name in enumerate(VALUES):
        words = next((w for w, rows in together.unreadable.items() if rows[at]), None)
        assert (together.values[at].as_py(), words) == values.outcome(name, kind), name


@pytest.mark.parametrize("came", FORMS, ids=[str(form.type) for form in FORMS])
def test_texts_are_read_whatever_arrow_type_holds_them(came: pa.Array) -> None:
    assert read_column(pa.chunked_array([came]), BY_TYPE["text"]).values.to_pylist() == ["a", None]


def test_whole_numbers_beside_gaps_are_texts_without_a_point() -> None:
    zips = pd.Series([10001, None, 501])
    assert read_series(zips, BY_TYPE["category"]).values.to_pylist() == ["10001", None, "501"]


def test_unsigned_numbers_keep_every_digit_as_texts() -> None:
    ids = pa.chunked_array([pa.array([2**64 - 1], pa.uint64())])
    assert read_column(ids, BY_TYPE["text"]).values.to_pylist() == [str(2**64 - 1)]
    assert [*read_column(ids, BY_TYPE["integer"]).unreadable]


def test_half_floats_dates_and_columns_of_nothing_are_read() -> None:
    halves = pa.chunked_array([pa.array([1.5, None], pa.float16())])
    assert read_column(halves, BY_TYPE["number"]).values.to_pylist() == [1.5, None]
    for kind in TYPES:
        nothing = read_column(pa.chunked_array([pa.nulls(2)]), BY_TYPE[kind])
        assert (nothing.values.to_pylist(), nothing.unreadable) == ([None, None], {})


def test_times_are_read_as_the_contract_says_and_as_iso() -> None:
    column = ContractColumn(name="c", type="time", format="%d/%m/%Y %H:%M")
    reading = read_values(["01/05/2024 10:00", "2024-05-01", "05/13/2024 10:00"], column)
    found = [str(moment) for moment in reading.values.to_pylist()]
    assert found == ["2024-05-01 10:00:00+00:00", "2024-05-01 00:00:00+00:00", "None"]
    assert [(w, r.tolist()) for w, r in reading.unreadable.items()] == [
        ("not a time as %d/%m/%Y %H:%M writes it", [False, False, True])
    ]


def test_a_zone_may_bring_a_time_into_the_years_in_whatever_company() -> None:
    near = ["1899-12-31T23:00:00-02:00", "2201-01-01T01:00:00+02:00"]
    for company in ([], ["2024-05-01"]):
        reading = read_values(near + company, BY_TYPE["time"])
        assert [moment.year for moment in reading.values.to_pylist()[:2]] == [1900, 2200]
        assert reading.unreadable == {}


def test_half_a_surrogate_pair_is_no_text() -> None:
    for company in ([], [1], [None]):
        reading = read_values(["\ud800", *company], BY_TYPE["text"])
        assert [(words, rows[0]) for words, rows in reading.unreadable.items()] == [
            ("not a text", True)
        ]


def test_a_pair_of_texts_stands_for_false_and_true() -> None:
    column = ContractColumn(name="c", type="boolean", truths=("paid", "lost"))
    reading = read_values(["lost", "paid", "open", None, True], column)
    assert reading.values.to_pylist() == [True, False, None, None, True]
    assert [(w, r.tolist()) for w, r in reading.unreadable.items()] == [
        ("neither paid nor lost", [False, False, True, False, False])
    ]


@given(st.lists(st.integers(-(2**63), 2**63 - 1) | st.none(), min_size=1, max_size=5))
def test_no_whole_number_loses_a_digit(numbers: list[int | None]) -> None:
    for held in (numbers, [None if n is None else str(n) for n in numbers]):
        reading = read_values(held, BY_TYPE["integer"])
        assert (reading.values.to_pylist(), reading.unreadable) == (numbers, {})


@given(st.lists(st.floats() | st.none(), min_size=1, max_size=5))
def test_floats_are_read_the_same_as_themselves_and_as_texts(numbers: list[float | None]) -> None:
    known = [None if n is None or n != n else n for n in numbers]  # noqa: PLR0124
    as_texts = read_values([None if n is None else repr(n) for n in known], BY_TYPE["number"])
    as_floats = read_values(known, BY_TYPE["number"])
    lossy = [
        n is not None and n.is_integer() and abs(n) >= 2**53 and "e" not in repr(n) for n in known
    ]
    for at, (one, other) in enumerate(
        zip(as_floats.values.to_pylist(), as_texts.values.to_pylist(), strict=True)
    ):
        assert one == other or lossy[at]
