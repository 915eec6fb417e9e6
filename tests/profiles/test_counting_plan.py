"""Counting plans: what is counted of which column, and how many bins that takes."""

import math

from shared.profiles.counting_plan import CategoryPlan, Dependence, NumberPlan, TreeSplit
from tests.profiles.rows import PLAN


def test_columns_are_in_the_order_of_the_contract_and_the_score_is_the_last() -> None:
    assert PLAN.names == ("x", "y", "colour", "on", "since", "probability")
    assert PLAN["colour"].name == "colour"


def test_a_number_has_a_bin_beyond_each_end_and_a_category_one_for_the_unknown() -> None:
    number = NumberPlan(name="x", edges=(1.0, 2.0, 3.0), centre=2, scale=1, values=None)
    category = CategoryPlan(name="shop", categories=("ulm", "bonn"), related=2)
    assert (number.width, category.width) == (4, 3)


def test_numbers_beyond_history_are_held_to_where_its_outermost_bins_begin() -> None:
    few = NumberPlan(name="x", edges=(-2, 0, 1, 3, 3.5, 6), centre=0, scale=1, values=(0, 1, 3))
    assert (few.span, few.held_span) == ((0, 3.5), (0, 3))
    edges = (-40.0, *map(float, range(65)), 100.0)
    many = NumberPlan(name="x", edges=edges, centre=0, scale=1, values=None)
    assert (many.span, many.held_span) == ((0, 64), (1, 63))
    none = NumberPlan(name="x", edges=(), centre=0, scale=1, values=())
    assert none.span == none.held_span == (-math.inf, math.inf)


def test_a_plan_of_an_older_bundle_is_read() -> None:
    category = {"kind": "category", "name": "shop", "categories": ["ulm"], "related": 1}
    read = CategoryPlan.model_validate({**category, "enforced": False, "listed": True})
    assert read == CategoryPlan.model_validate(category)


def test_a_dependence_has_a_leaf_more_than_splits_and_names_each_column_once() -> None:
    tree = Dependence(
        column="ware",
        classes=(0, 1, -1, 1),
        splits=(
            TreeSplit(column="shop", codes=((0,), (1, 2)), left=1, right=-1),
            TreeSplit(column="size", codes=((0, 1), (2,)), left=-2, right=2),
            TreeSplit(column="shop", codes=((1,), (2,)), left=-3, right=-4),
        ),
    )
    assert tree.shape == (2, 4)
    assert tree.others == ("shop", "size")
