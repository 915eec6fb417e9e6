"""Names of categories: written otherwise, another list of them, or two that were exchanged."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from shared.monitoring.causes.categories.category_names import (
    exchanged_names,
    merged_names,
    new_names_words,
    other_spellings,
)
from shared.profiles.counting_plan import CategoryPlan, NumberPlan

KNOWN = ("NYC", "Los Angeles", "SFO-2", "Rome", "Oslo", "Bern")
BEFORE = [400, 250, 150, 100, 60, 40, 0]


def case(now: list[int], unseen: dict[str, int] | None = None) -> Any:
    plan = CategoryPlan(name="town", categories=KNOWN, related=0)
    by_name = SimpleNamespace(get=lambda name: plan)
    return SimpleNamespace(
        profile=SimpleNamespace(unseen={"town": unseen or {}}, counts={"bins town": np.array(now)}),
        baseline=SimpleNamespace(
            plan=type("Plan", (dict,), {"by_name": by_name})({"town": plan}),
        ),
        history={"bins town": np.array(BEFORE)},
    )


@pytest.mark.parametrize(
    ("new", "words"),
    [
        (["nyc", "rome"], "in another case: NYC → nyc, Rome → rome"),
        (["NYC ", " Rome"], "with other blanks: NYC → 'NYC ', Rome → ' Rome'"),
        (["losangeles"], "in another case and with other blanks: Los Angeles → losangeles"),
        (["los_angeles", "SFO2"], "with other signs: Los Angeles → los_angeles, SFO-2 → SFO2"),
        (
            [f"US:{name}" for name in KNOWN],
            "with 'US:' before: NYC → US:NYC, Los Angeles → US:Los Angeles, SFO-2 → US:SFO-2, "
            "and 3 more",
        ),
        (
            ["t1", "t2", "t3", "t4", "t5"],
            "another list of names: 5 are new, and 6 known ones have gone",
        ),
        (["Paris"], None),
        (["Róme"], "with other accents: Rome → Róme"),
    ],
)
def test_new_names_that_are_known_ones_are_said_to_be(new: list[str], words: str | None) -> None:
    unseen = dict.fromkeys(new, 20)
    now = [0] * 6 + [20 * len(new)] if len(new) > 4 else BEFORE
    assert new_names_words("town", new, case(now, unseen)) == words


def test_two_names_that_were_exchanged_are_named_where_nothing_else_has_changed() -> None:
    swapped = [155, 245, 395, 105, 60, 40, 0]
    assert exchanged_names("town", case(swapped)) == ("NYC", "SFO-2")
    assert exchanged_names("town", case([100, 250, 150, 400, 60, 40, 0])) is not None
    # One is lost, one has become as frequent as another was, or both are about as frequent.
    assert exchanged_names("town", case([0, 250, 550, 100, 60, 40, 0])) is None
    assert exchanged_names("town", case([150, 250, 150, 350, 60, 40, 0])) is None
    assert exchanged_names("town", case(BEFORE)) is None


def test_names_of_the_time_are_none_that_could_be_exchanged() -> None:
    plan = SimpleNamespace(plan=SimpleNamespace(by_name={"town": None}))
    no_bins: Any = SimpleNamespace(
        baseline=plan, profile=SimpleNamespace(counts={"bins hour": np.array([1])}), history={}
    )
    assert exchanged_names("at", no_bins) is None


@pytest.mark.parametrize(
    ("true", "kind", "pair"),
    [
        (0.82, bool, ("false", "true")),
        (0.82, "float64", ("0", "1")),
        # All of them are true, or half: that is no exchange.
        (1.0, bool, None),
        (0.5, bool, None),
        (0.18, bool, None),
    ],
)
def test_false_and_true_that_were_exchanged_are_named(true: float, kind: Any, pair: Any) -> None:
    edges = (-0.5, 0.0, 1.0, 1.0000000000000002, 1.5)
    numbers = NumberPlan(name="let", edges=edges, centre=0.2, scale=0.4, values=(0.0, 1.0))
    now = round(400 * true)
    let: Any = SimpleNamespace(
        baseline=SimpleNamespace(plan=SimpleNamespace(by_name={"let": numbers})),
        profile=SimpleNamespace(
            counts={"bins let": np.array([0, 0, 400 - now, now, 0, 0])},
            sample=pd.DataFrame({"let": np.arange(400) < now}).astype(kind),
        ),
        history={"bins let": np.array([0, 0, 8_200, 1_800, 0, 0])},
    )
    assert exchanged_names("let", let) == pair


def test_of_few_rows_exchanged_names_are_told_in_spite_of_chance() -> None:
    # Each share is one standard error off.
    assert exchanged_names("town", case([19, 20, 46, 8, 5, 2, 0])) == ("NYC", "SFO-2")
    assert exchanged_names("town", case([190, 200, 460, 80, 50, 20, 0])) is None


@pytest.mark.parametrize(
    ("now", "pair"),
    [
        ([402, 248, 0, 250, 60, 40, 0], ("SFO-2", "Rome")),
        ([652, 0, 148, 100, 60, 40, 0], ("Los Angeles", "NYC")),
        # Lost rows leave all others larger; a new name is told as such; some are left; nothing is.
        ([533, 333, 0, 133, 80, 53, 0], None),
        ([400, 250, 0, 100, 60, 40, 150], None),
        ([402, 248, 50, 200, 60, 40, 0], None),
        (BEFORE, None),
    ],
)
def test_a_name_that_another_has_taken_over_is_named_with_it(
    now: list[int], pair: tuple[str, str] | None
) -> None:
    assert merged_names("town", case(now)) == pair


def test_new_names_that_are_known_ones_written_otherwise_are_told_apart_from_others() -> None:
    known = ("at the door", "lost", "LOST")
    new = ["At the door", "at  the door", "AT_THE_DOOR", "Lost", "lost", "burnt", "?"]
    assert other_spellings(new, known) == {
        "At the door": ("at the door", "in another case"),
        "at  the door": ("at the door", "with other blanks"),
        "AT_THE_DOOR": ("at the door", "with other signs"),
        "Lost": ("lost", "in another case"),
    }
