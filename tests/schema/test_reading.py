"""Every value read by each type: as docs/values.md has it, in columns as one by one."""

from decimal import Decimal

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from shared.schema.column_reading import NOT_OF_TYPE
from shared.schema.contract import ColumnType, ContractColumn
from shared.schema.reading import read_column, read_series, read_values
from tests import values
from tests.conftest import ROOT
from tests.values import BY_TYPE, TYPES, VALUES


def test_the_documentation_has_what_becomes_of_each_value() -> None:
    documented = (ROOT / "docs" / "values.md").read_text()
    assert documented.endswith(values.table())


@pytest.mark.parametrize("kind", TYPES)
def test_values_of_many_types_in_a_column_are_read_as_each_is_alone(kind: ColumnType) -> None:
    together = read_values(list(VALUES.values()), BY_TYPE[kind])
    for at, name in enumerate(VALUES):
        words = next((w for w, rows in together.unreadable.items() if rows[at]), None)
        assert (together.values[at].as_py(), words) == values.outcome(name, kind), name


def test_half_floats_dates_and_columns_of_nothing_are_read() -> None:
    halves = pa.chunked_array([pa.array([1.5, None], pa.float16())])
    assert read_column(halves, BY_TYPE["number"]).values.to_pylist() == [1.5, None]
    for kind in TYPES:
        nothing = read_column(pa.chunked_array([pa.nulls(2)]), BY_TYPE[kind])
        assert (nothing.values.to_pylist(), nothing.unreadable) == ([None, None], {})


def test_a_run_end_encoded_column_is_read_for_what_it_holds() -> None:
    held = {"number": [1.5, 1.5, None], "integer": [2, 2, None], "category": ["a", "a", None]}
    for kind in ("number", "integer", "category"):
        runs = pa.chunked_array([pc.run_end_encode(pa.array(held[kind]))])
        assert read_column(runs, BY_TYPE[kind]).values.to_pylist() == held[kind]


@pytest.mark.parametrize("kind", ["number", "category"])
def test_values_that_arrow_holds_in_no_array_are_read_one_by_one(kind: ColumnType) -> None:
    column = ContractColumn(name="a", type=kind)
    for odd in (1 + 1j, Decimal("Infinity"), "\ud800"):
        reading = read_series(pd.Series([odd, "7", None], dtype=object), column)
        assert reading.values.to_pylist()[1:] == [{"number": 7.0, "category": "7"}[kind], None]
        assert {words: rows.tolist() for words, rows in reading.unreadable.items()} == {
            NOT_OF_TYPE[kind]: [True, False, False]
        }


def test_intervals_of_pandas_are_no_texts() -> None:
    cut = pd.Series(pd.cut(pd.Series([1.0, 2.0, None]), 2))
    reading = read_series(cut, ContractColumn(name="a", type="category"))
    assert reading.unreadable[NOT_OF_TYPE["category"]].tolist() == [True, True, False]
