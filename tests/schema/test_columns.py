"""Rows as columns, and back."""

import pytest

from shared.errors import Refusal
from shared.schema import columns


def test_rows_become_columns_and_rows_again() -> None:
    rows = [{"a": 1, "b": "x"}, {"a": 2}]
    made = columns.of_rows(rows, ["a", "b"])
    assert made == {"a": [1, 2], "b": ["x", None]}
    assert columns.rows(made) == [{"a": 1, "b": "x"}, {"a": 2, "b": None}]
    assert (columns.size(made), columns.size({})) == (2, 0)
    assert columns.named(["a", "b"], [(1, "x"), (2, "y")]) == {"a": [1, 2], "b": ["x", "y"]}


def test_a_name_that_stands_there_twice_is_refused() -> None:
    assert columns.once_each(["a", "A"], "t.parquet") == ["a", "A"]
    with pytest.raises(
        Refusal,
        match=r"^t.parquet: columns \['b'\] are there more than once: rename one$",
    ):
        columns.once_each(["b", "a", "b"], "t.parquet")
