"""The candidates that a new problem begins with."""

import importlib
from dataclasses import replace

import pytest
from sklearn.base import is_classifier, is_regressor

from shared.starting.guessing.guess import guess_problem
from shared.starting.guessing.recipes import LARGE, SMALL, Recipe, recipes
from tests.starting.looks import loans, look


def of(target: str, rows: int) -> dict[str, Recipe]:
    """Return the recipes for a target of loans, by name, as if there were so many rows."""
    table = look("loan applied late amount", **loans(amount=[row * 31 % 97 for row in range(100)]))
    found = guess_problem(table, target)
    made = recipes(replace(found, look=replace(table, rows=rows)))
    return {recipe.name: recipe for recipe in made}


@pytest.mark.parametrize("target", ["late", "amount"])
def test_each_estimator_is_one_of_its_kind_and_takes_its_parameters(target: str) -> None:
    for recipe in of(target, SMALL).values():
        module, _, name = recipe.estimator.rpartition(".")
        estimator = getattr(importlib.import_module(module), name)(**recipe.params)
        assert (is_classifier(estimator), is_regressor(estimator)) == (
            target == "late",
            target == "amount",
        )


def test_a_line_or_a_logistic_curve_is_the_simple_one() -> None:
    assert list(of("amount", SMALL)) == ["ridge", "boosting", "forest"]
    assert list(of("late", SMALL)) == ["logistic", "boosting", "forest"]


def test_a_forest_takes_part_up_to_where_it_would_be_too_large() -> None:
    assert "forest" in of("late", LARGE)
    assert "forest" not in of("late", LARGE + 1)


def test_few_rows_have_small_trees_of_which_none_is_held_out() -> None:
    few, many = (of("late", rows)["boosting"].params for rows in (SMALL - 1, SMALL))
    assert few["early_stopping"] is False
    assert "early_stopping" not in many


def test_leaves_grow_with_the_rows_up_to_a_bound() -> None:
    sizes = [of("late", n)["boosting"].params["min_samples_leaf"] for n in (SMALL, 50_000, LARGE)]
    assert sizes == [20, 100, 200]
