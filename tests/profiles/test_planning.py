"""Planning: bins of about equally many values, and categories by how often they came."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.profiles import planning
from shared.profiles.binning import Binner
from shared.profiles.counting_plan import CategoryPlan, CountingPlan, NumberPlan
from shared.profiles.planning import BINS, MOST_CATEGORIES, MOST_VALUES
from shared.schema import arrow
from tests.profiles.contracts import contract
from tests.profiles.rows import CONTRACT, PLAN, history

NUMBERS = st.lists(st.floats(-1e9, 1e9) | st.integers(0, 9).map(float), max_size=300)


def planned(values: list[object], kind: str = "number") -> NumberPlan | CategoryPlan:
    frame = pd.DataFrame({"id": range(len(values)), "at": pd.Timestamp(0, tz="UTC"), "x": values})
    return planning.plan_counting(arrow.table(frame), contract({"x": kind}))["x"]


@given(NUMBERS)
def test_edges_rise_and_binning_keeps_every_value(values: list[float]) -> None:
    edges = planning.edges(np.array(values))
    assert edges == sorted(set(edges))
    assert len(edges) <= BINS + 1
    bins = np.bincount(Binner(tuple(edges))(np.array(values)), minlength=len(edges) + 1)
    assert bins.sum() == len(values)
    # None of history's own values is below or above the edges.
    assert not values or bins[0] == bins[-1] == 0


def test_each_of_few_values_has_a_bin_and_many_are_shared_out_evenly() -> None:
    assert planning.edges(np.array([3.0, 1.0, 1.0, 2.0])) == [1, 2, 3, np.nextafter(3, np.inf)]
    many = np.random.default_rng(0).exponential(size=64_000)
    counted = np.histogram(many, planning.edges(many))[0]
    assert counted.min() >= 999
    assert counted.max() <= 1_001


def test_scores_are_standard_ones_of_a_normal_number() -> None:
    column = planned(list(np.random.default_rng(0).normal(5, 3, 20_000)))
    assert isinstance(column, NumberPlan)
    assert column.centre == pytest.approx(5, abs=0.05)
    assert column.scale == pytest.approx(3, rel=0.02)


def test_a_number_that_never_varies_has_a_scale() -> None:
    column = planned([7.0] * 50)
    assert isinstance(column, NumberPlan)
    assert (column.centre, column.scale, column.values) == (7.0, 1.0, (7.0,))


def test_values_are_kept_only_where_they_are_few() -> None:
    few = planned([float(n) for n in range(MOST_VALUES)])
    many = planned([float(n) for n in range(MOST_VALUES + 1)])
    assert isinstance(few, NumberPlan)
    assert isinstance(many, NumberPlan)
    assert few.values == tuple(float(n) for n in range(MOST_VALUES))
    assert many.values is None


def test_categories_are_in_the_order_of_how_often_they_came() -> None:
    column = planned(["b"] * 500 + ["a"] * 300 + ["c"] * 300 + ["d"], "category")
    assert isinstance(column, CategoryPlan)
    assert column.categories == ("b", "a", "c", "d")
    # The rarest takes no part in linear dependence.
    assert column.related == 3


def test_too_many_categories_are_listed_up_to_a_limit() -> None:
    column = planned([f"c{n:04d}" for n in range(MOST_CATEGORIES + 1)], "category")
    assert isinstance(column, CategoryPlan)
    assert column.categories == tuple(f"c{n:04d}" for n in range(MOST_CATEGORIES))


def test_what_the_contract_refuses_is_a_limit() -> None:
    y, colour = PLAN["y"], PLAN["colour"]
    assert isinstance(y, NumberPlan)
    assert isinstance(colour, CategoryPlan)
    assert (y.minimum, y.maximum) == (0, 9)
    assert colour.enforced
    without = history().assign(colour="red")
    assert planning.plan_counting(arrow.table(without), CONTRACT)["colour"].categories == (
        "red",
        "green",
    )


def test_a_plan_is_the_same_after_it_was_stored() -> None:
    assert CountingPlan.model_validate_json(PLAN.model_dump_json()) == PLAN
