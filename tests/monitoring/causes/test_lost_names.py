"""Names that lost rows, and the new ones that stand for them: cut short, or called otherwise."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from shared.monitoring.causes.lost_names import cut_short, lost_shares, numbered, renamed
from shared.profiles.counting_plan import CategoryPlan

KNOWN = ("card", "cash", "app")


def case(now: list[int], before: list[int]) -> Any:
    plan = CategoryPlan(name="paid", categories=KNOWN, related=0)
    return SimpleNamespace(
        baseline=SimpleNamespace(plan={"paid": plan}),
        profile=SimpleNamespace(counts={"bins paid": np.array(now)}),
        history={"bins paid": np.array(before)},
    )


def test_a_name_has_lost_rows_where_that_is_no_chance() -> None:
    before = [5_000, 4_000, 1_000, 0]
    lost = lost_shares("paid", case([480, 200, 90, 230], before))
    assert lost.each == pytest.approx({"card": 0.02, "cash": 0.2, "app": 0.01})
    assert lost.surely == {"cash": pytest.approx(0.2)}
    assert lost.gone == []
    # One of thirty instead of three is chance.
    few = lost_shares("paid", case([14, 13, 1, 2], before))
    assert few.surely == {}
    assert few.gone == ["app"]


def test_new_names_that_known_ones_begin_with_were_cut_short_where_these_have_lost_as_much() -> (
    None
):
    lost = {"card": 0.5, "cash": 0.4, "app": 0.1}
    pairs = {"card": "ca", "cash": "ca", "app": "a"}
    assert cut_short({"ca": 90, "a": 10}, lost, KNOWN, 100) == pairs
    # None has lost as much, or one is no beginning.
    assert cut_short({"ca": 90, "a": 10}, {"app": 0.1}, KNOWN, 100) == {}
    assert cut_short({"ca": 90, "gift": 10}, lost, KNOWN, 100) == {}


def test_a_number_that_begins_another_is_no_name_that_was_cut_short() -> None:
    lost = {"zone 11": 0.2, "zone 12": 0.2}
    assert cut_short({"zone 1": 40}, lost, ("zone 2", "zone 11", "zone 12"), 100) == {}
    assert cut_short({"zone": 40}, lost, ("zone 2", "zone 11", "zone 12"), 100) != {}
    codes = {"98101": 0.2, "98102": 0.2}
    assert cut_short({"98": 40}, codes, tuple(codes), 100) == dict.fromkeys(codes, "98")


def test_a_new_name_stands_for_one_of_a_like_name_or_that_has_lost_as_much() -> None:
    assert renamed({"Card": 200}, {"card": 0.2, "app": 0.18}, 1_000) == [("card", "Card")]
    assert renamed({"gift": 200}, {"card": 0.4, "app": 0.21}, 1_000) == [("app", "gift")]
    assert renamed({"gift": 200}, {"card": 0.4, "app": 0.05}, 1_000) == []
    assert renamed({"gift": 200}, {}, 1_000) == []


def test_a_thing_of_another_number_is_another_thing() -> None:
    assert numbered("product 2", "Product 11")
    assert not numbered("product", "Product")
    assert renamed({"p11": 200}, {"p1": 0.2}, 1_000) == []
