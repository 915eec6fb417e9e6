"""An even sample: so many rows, of every hour its share, the same ones wherever they stand."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.schema import arrow
from shared.schema.contract import ContractColumn
from shared.tables.even_sample import EvenSample, SampledBy, even_sample

BY = SampledBy("key", ContractColumn(name="at", type="time"), 7)
START = pd.Timestamp("2024-01-01", tz="UTC")


def made(hours: list[int]) -> pa.Table:
    """Return rows in such hours, each with a key of its own."""
    at = [START + pd.Timedelta(hours=hour, minutes=5) for hour in hours]
    keys = [f"k{number}" for number in range(len(hours))]
    return pa.table({"key": pa.array(keys, pa.string()), "at": pa.array(at, arrow_time())})


def arrow_time() -> pa.DataType:
    return pa.timestamp("us", tz="UTC")


def sampled(table: pa.Table, most: int, by: SampledBy = BY, part: int = 7) -> EvenSample:
    def parts() -> Iterator[pa.Table]:
        return (table.slice(first, part) for first in range(0, len(table), part))

    return even_sample(parts, most, by)


def keys(table: pa.Table, most: int, by: SampledBy = BY) -> list[str]:
    return table.filter(pa.array(sampled(table, most, by).taken(table)))["key"].to_pylist()


@given(st.lists(st.integers(0, 40), max_size=300), st.integers(1, 300))
def test_every_span_of_whole_hours_has_its_share_of_the_rows_to_a_row(
    hours: list[int], most: int
) -> None:
    table = made(hours)
    found = sampled(table, most)
    taken = found.taken(table)
    assert taken.sum() == found.rows == min(most, len(hours))
    assert (found.of, found.is_whole) == (len(hours), most >= len(hours))
    for until in set(hours):
        before = np.array(hours) <= until
        assert abs(taken[before].sum() - before.sum() * found.share) < 1 + 1e-9


def test_the_same_rows_are_taken_wherever_they_stand_and_others_of_another_seed() -> None:
    table = made([*range(50)] * 6)
    first = keys(table, 60)
    shuffled = table.take(np.random.default_rng(0).permutation(len(table)))
    assert sorted(keys(shuffled, 60)) == sorted(first)
    other = keys(table, 60, SampledBy(BY.key, BY.time, 8))
    assert len(other) == len(first) == 60
    assert set(other) != set(first)


def test_rows_of_one_moment_are_taken_by_chance_and_so_many_as_are_asked() -> None:
    table = made([3] * 400)
    places = np.flatnonzero(sampled(table, 100).taken(table))
    assert len(places) == 100
    assert len({*range(100)} & {*places.tolist()}) < 60


def test_rows_without_a_time_are_taken_like_others() -> None:
    table = made([1] * 40 + [2] * 40)
    times = pa.array([None] * 40 + table["at"].to_pylist()[40:], arrow_time())
    without = table.set_column(1, "at", times)
    taken = sampled(without, 20).taken(without)
    assert (taken[:40].sum(), taken[40:].sum()) == (10, 10)


def test_a_time_is_read_as_the_contract_has_it_and_numbers_are_keys_too() -> None:
    frame = pd.DataFrame({"key": range(96), "at": [f"{1 + n % 4}/1/2024" for n in range(96)]})
    by = SampledBy("key", ContractColumn(name="at", type="time", format="%d/%m/%Y"), 0)
    found = even_sample(lambda: iter([frame]), 24, by)
    assert len(found.hours) == 4
    assert frame[found.taken(frame)].groupby("at").size().tolist() == [6] * 4
    as_arrow = arrow.table(frame.astype({"key": "str"}))
    assert found.taken(as_arrow).tolist() == found.taken(frame).tolist()


def test_repeated_keys_are_taken_together_so_that_they_are_seen() -> None:
    twice = pa.concat_tables([made([5] * 300), made([5] * 300)])
    found = sampled(twice, 100)
    kept = twice.filter(pa.array(found.taken(twice)))["key"].to_pylist()
    assert len(kept) == found.rows in (99, 100)
    assert all(kept.count(key) == 2 for key in kept)


def test_slates_are_whole() -> None:
    slates = pa.table({"slate": [f"s{n // 20}" for n in range(4_000)]})
    found = even_sample(lambda: iter([slates]), 1_000, SampledBy("slate", None, 0))
    taken = slates.filter(pa.array(found.taken(slates)))["slate"].to_pylist()
    assert len(taken) == found.rows == 1_000
    assert {taken.count(slate) for slate in set(taken)} == {20}
    assert found.words == "1,000 of 4,000 rows, in whole slates, evenly by chance"


def test_rows_of_hours_that_the_table_has_not_are_taken_by_its_share() -> None:
    found = sampled(made([*range(100)] * 10), 250)
    later = made([*range(200, 300)] * 40)
    assert found.taken(later).mean() == pytest.approx(0.25, abs=0.03)


@pytest.mark.parametrize("rows", [0, 1, 10])
def test_a_table_of_no_more_rows_is_whole(rows: int) -> None:
    table = made([1] * rows)
    found = sampled(table, 10)
    assert found.is_whole
    assert found.taken(table).all()
    assert found.share == 1


def test_a_key_that_all_rows_share_cannot_be_sampled() -> None:
    table = pa.table({"key": ["x"] * 30, "at": made([1] * 30)["at"]})
    assert sampled(table, 10).rows == 0


@pytest.mark.parametrize(("step", "most"), [(3, 900), (24, 200), (24 * 7, 50), (1, 400)])
def test_rows_that_come_at_regular_times_are_taken_of_each_hour_and_day(
    step: int, most: int
) -> None:
    table = made(list(range(0, 2_400 * step, step)))
    taken = table.filter(pa.array(sampled(table, most, part=500).taken(table)))
    at = pd.Series(taken["at"].to_pandas())
    assert len(at) == most
    met = table["at"].to_pandas()
    for ours, all_of_them in ((at.dt.hour, met.dt.hour), (at.dt.dayofweek, met.dt.dayofweek)):
        assert set(ours) == set(all_of_them)
        assert ours.value_counts().max() < 2 * most / ours.nunique()
