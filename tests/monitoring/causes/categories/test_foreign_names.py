"""New names that are another column's, or that stand for nothing."""

from types import SimpleNamespace
from typing import Any

import pytest

from shared.monitoring.causes.categories.foreign_names import foreign_words
from shared.profiles.counting_plan import CategoryPlan

CATEGORIES = {
    "product": ("router", "phone", "tv"),
    "lang": ("de", "en", "fr"),
    "origin": ("EWR", "JFK"),
    "dest": ("JFK", "BOS", "SFO"),
}


def case(**unseen: list[str]) -> Any:
    plan = {
        name: CategoryPlan(name=name, categories=known, related=0)
        for name, known in CATEGORIES.items()
    }
    counted = {name: dict.fromkeys(unseen.get(name, []), 20) for name in CATEGORIES}
    return SimpleNamespace(
        profile=SimpleNamespace(unseen=counted), baseline=SimpleNamespace(plan=plan)
    )


def test_two_columns_that_have_each_other_s_names_look_swapped() -> None:
    swapped = case(product=["de", "en"], lang=["router", "tv"])
    assert foreign_words("product", ["de", "en"], swapped) == (
        "product and lang look swapped: each has names that the other had",
        "Ask whoever feeds product and lang what changed, and change it back.",
    )
    assert foreign_words("product", ["de", "en"], case(product=["de", "en"])) == (
        "these are names of lang",
        "Check whether product is filled from lang.",
    )


def test_a_name_that_two_columns_may_have_is_no_other_column_s() -> None:
    assert foreign_words("origin", ["BOS"], case(origin=["BOS"])) is None
    assert foreign_words("product", ["de", "radio"], case(product=["de", "radio"])) is None


@pytest.mark.parametrize("text", ["NA", "nan", "None", " ", "-", "<NA>"])
def test_a_text_that_stands_for_nothing_is_no_new_category(text: str) -> None:
    likely, step = foreign_words("lang", [text], case(lang=[text])) or ("", "")
    assert likely == f"{text!r} mostly stands for a missing value"
    assert step == "Check what feeds lang: a missing value is to come as null."
    assert foreign_words("lang", [text, "es"], case(lang=[text, "es"])) is None
