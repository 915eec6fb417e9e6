"""The most frequent unseen name: one among new ones that has as many rows as a known one had."""

import numpy as np
import pandas as pd
import pytest

from shared.baseline.statistics import Statistic, measure
from shared.profiles import planning
from shared.profiles.counter import Counter
from shared.profiles.counting_plan import CategoryPlan
from shared.profiles.unseen_names import UnseenName, count_names, most_frequent
from shared.schema import arrow
from tests.profiles.contracts import contract

COLOURS = CategoryPlan(name="colour", categories=("red", "green"), related=2)


def rows(*colours: str | None) -> pd.DataFrame:
    at = pd.date_range("2024-01-01", periods=len(colours), freq="h", tz="UTC")
    return pd.DataFrame({"id": range(len(colours)), "at": at, "colour": colours})


def test_the_most_frequent_unseen_name_is_counted_among_those_that_have_a_name() -> None:
    column = arrow.table(rows("red", "blue", "blue", "white", None))["colour"]
    assert most_frequent(column, COLOURS) == UnseenName("blue", 2, 4)


def test_where_all_names_are_known_there_is_none() -> None:
    found = most_frequent(arrow.table(rows("red", None))["colour"], COLOURS)
    assert (found, found.share) == (UnseenName(None, 0, 1), 0)


def test_one_new_name_of_many_rows_is_a_spike_and_many_of_few_rows_are_none() -> None:
    history = arrow.table(rows(*["red", "green"] * 20))
    plan = planning.plan_counting(history, contract({"colour": "category"}))
    counter, spike = Counter(plan), Statistic("spike", "colour")
    before = counter.count(history).counts
    for colours, share in (([*"abcdefgh", "red", "green"], 0.1), (["a"] * 8 + ["b", "red"], 0.8)):
        now = arrow.table(rows(*colours))
        counts = counter.count(now).counts
        assert measure(counts, before, plan)[spike] == 0
        counts |= count_names(now, plan)
        assert measure(counts, before, plan)[spike] == pytest.approx(share)


def test_where_history_had_more_names_than_are_kept_an_unseen_one_may_be_known() -> None:
    history = arrow.table(rows(*map(str, range(planning.MOST_CATEGORIES + 1))))
    plan = planning.plan_counting(history, contract({"colour": "category"}))
    assert count_names(arrow.table(rows("a", "a")), plan) == {}


def test_a_table_without_the_column_has_no_names() -> None:
    plan = planning.plan_counting(arrow.table(rows("red")), contract({"colour": "category"}))
    assert count_names(arrow.table(rows("red").drop(columns="colour")), plan) == {}
    assert np.array_equal(
        count_names(arrow.table(rows("red", "red")), plan)["one unseen colour"], [0, 2]
    )
