"""What is wrong with a split by time is named."""

import numpy as np
import pyarrow as pa
import pytest

from shared.kinds import Kind
from shared.schema.reading import plain_column
from shared.starting.guessing import split_faults
from shared.starting.guessing.targets import Target
from shared.starting.looking import moments
from shared.starting.looking.moments import Borders, TimeColumn
from tests.starting.looks import loans

TARGET = Target("late", "binary", "")


def split() -> tuple[pa.Table, TimeColumn, Borders]:
    """Return loans, their time and borders; a bonus came when there was nothing left to learn."""
    table = pa.table(loans(bonus=[None] * 60 + [1] * 40, gift=[None] * 59 + [1] * 41))
    time = moments.read_times("applied", plain_column(table["applied"]))
    assert time
    borders = moments.split_borders(time.seconds, float(np.max(time.seconds)))
    assert borders
    return table, time, borders


def test_a_part_with_both_outcomes_is_not_named() -> None:
    table, time, borders = split()
    assert split_faults.parts_without_classes(time, borders, table["late"], TARGET) == []


def test_a_part_of_the_split_without_both_outcomes_is_named() -> None:
    _, time, borders = split()
    late = pa.chunked_array([[row % 2 == 0 for row in range(80)] + [True, None] * 10])
    assert split_faults.parts_without_classes(time, borders, late, TARGET) == [
        "holdout has fewer than two values of late: move the dates in [split]"
    ]


@pytest.mark.parametrize(
    ("kind", "rows", "named"),
    [("binary", 4, True), ("multiclass", 4, True), ("multiclass", 5, False)],
)
def test_a_value_that_the_holdout_hardly_has_is_named(kind: Kind, rows: int, named: bool) -> None:
    _, time, borders = split()
    target = Target("late", kind, "")
    later = int((time.seconds >= borders.holdout.timestamp()).sum())
    late = pa.chunked_array([[True] * (100 - later) + [False] * rows + [True] * (later - rows)])
    words = (
        f"late is False in {rows} rows of the holdout: what a model is worth there is uncertain, "
        "and gates may not be passed for want of rows"
    )
    assert split_faults.rare_in_holdout(time, borders, late, target) == ([words] if named else [])
    number = Target("late", "regression", "")
    assert split_faults.rare_in_holdout(time, borders, late, number) == []
    (about,) = split_faults.rare_in_holdout(
        None, None, pa.chunked_array([[1] * 9 + [0] * 91]), TARGET
    )
    assert about.startswith("late is 1 in about 1 row of the holdout: ")


def test_a_column_that_begins_after_the_rows_to_learn_from_is_named() -> None:
    table, time, borders = split()
    names = ("age", "bonus", "gift")
    assert split_faults.columns_without_values(table, names, time, borders) == [
        "bonus has no value before 2024-03-01, where the rows to learn from end: nothing is learnt "
        "of it"
    ]


def test_a_column_that_stands_for_the_time_is_named_and_no_other() -> None:
    table, time, borders = split()
    rows = range(table.num_rows)
    columns = {
        "month": [f"2024-{1 + row // 15:02}" for row in rows],
        "count": [row // 3 for row in rows],
        "team": ["abc"[row % 3] for row in rows],
        "wave": [row % 20 for row in rows],
        "few": ["new" if row >= table.num_rows - 5 else "old" for row in rows],
    }
    for name, values in columns.items():
        table = table.append_column(name, pa.array(values))
    found = split_faults.columns_that_never_come_again(table, columns, time, borders)
    assert list(found) == ["month", "count"]
    assert found["month"].startswith(f"its values from {borders.holdout:%Y-%m-%d} on never came")
