"""Hashes of rows: those that a counter makes, of a table in parts."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shared.profiles.counter import Counter
from shared.profiles.planning import plan_counting
from shared.profiles.row_digests import digests_in_time, row_digests
from shared.schema import arrow
from tests.profiles.sales import CONTRACT, sales


def test_they_are_those_that_a_counter_makes() -> None:
    table = arrow.table(sales(2_000))
    plan = plan_counting(table, CONTRACT)
    counted = Counter(plan).count(table)
    digests, timeless = row_digests(table, plan)
    assert np.array_equal(digests, counted.digests)
    assert np.array_equal(timeless, counted.timeless)
    assert not np.array_equal(digests, timeless)


def test_of_parts_in_any_order_they_come_in_time_without_rows_that_have_none() -> None:
    table = arrow.table(sales(2_000))
    plan = plan_counting(table, CONTRACT)
    table = table.take(pc.sort_indices(table[plan.time]))
    parts = [table.slice(900), table.slice(0, 900)]
    lost = table.slice(0, 5)
    at = table.column_names.index(plan.time)
    parts.append(lost.set_column(at, plan.time, pa.nulls(5, table[plan.time].type)))
    digests, timeless, moments = digests_in_time(parts, plan)
    assert len(digests) == len(timeless) == len(moments) == 2_000
    assert (np.diff(moments) >= 0).all()
    assert sorted(digests) == sorted(row_digests(table, plan)[0])
