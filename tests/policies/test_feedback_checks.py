"""Whether windows prove that a model closes in on what it showed before."""

import math
from dataclasses import fields, replace

import numpy as np
import pandas as pd
import pytest

from shared.policies.feedback_checks import TOLERANCE, FeedbackCheck, check
from shared.policies.feedback_measures import MeasureName, WindowFeedback, measure
from shared.policies.impressions import Impressions
from tests.policies.open_bandit import sample

NOTHING: dict[MeasureName, tuple[float, float]] = {
    "favourites": (0.0, 0.1),
    "explored": (0.0, 0.1),
    "positions": (0.0, 0.1),
    "variety": (3.0, 0.05),
    "variety of each user": (1.5, 0.05),
}


def window(
    policies: tuple[str, ...] = ("epsilon 0.1",), model: str = "a1", **measured: tuple[float, float]
) -> WindowFeedback:
    found = NOTHING | {name.replace("_", " "): value for name, value in measured.items()}
    found = {name: value for name, value in found.items() if not math.isnan(value[0])}
    decided = {name: 0.9 / len(policies) for name in policies}
    return WindowFeedback(
        model=model,
        rows=1_000,
        clicks=50,
        items=80,
        half=3,
        gini=0.8,
        decided=decided,
        measured=found,
    )


def proven(*windows: WindowFeedback, rate: float = 0.01) -> list[str]:
    return [one.name for one in check(windows, rate) if one.proven]


def by_name(*windows: WindowFeedback) -> dict[str, FeedbackCheck]:
    return {one.name: one for one in check(windows, 0.01)}


def test_a_model_that_is_right_is_not_accused() -> None:
    assert proven(window(), window()) == []


def test_favourites_are_to_be_worse_than_tolerance_and_chance_together() -> None:
    # 19 degrees of freedom, a chance of 0.002: 3.27 errors.
    assert proven(window(explored=(-0.7, 0.1))) == []
    assert proven(window(explored=(-0.75, 0.1))) == ["explored"]
    assert proven(window(explored=(0.75, 0.1))) == []
    assert proven(window(positions=(0.56, 0.1))) == ["positions"]


def test_windows_add_up_and_old_ones_are_left_out() -> None:
    one = by_name(window(favourites=(-0.6, 0.1)))["favourites"]
    three = by_name(*[window(favourites=(-0.6, 0.1))] * 4)["favourites"]
    assert (one.windows, three.windows) == (1, 3)
    assert three.reach - TOLERANCE["favourites"] == pytest.approx(
        (one.reach - TOLERANCE["favourites"]) / math.sqrt(3)
    )
    assert (one.proven, three.proven) == (False, True)


def test_what_is_said_of_a_model_is_of_its_own_windows() -> None:
    bad = window(model="old", favourites=(-2.0, 0.1))
    assert proven(bad, window(model="new")) == []
    assert proven(window(model="new"), bad) == ["favourites"]
    placed = window(model="old", positions=(1.0, 0.1))
    assert proven(placed, window(model="new")) == ["positions"]


def test_variety_is_held_against_windows_of_the_same_policies() -> None:
    fallen = window(variety=(2.0, 0.05))
    assert proven(window(), window(), fallen) == ["variety"]
    assert proven(window(("softmax 1",)), window(("softmax 1",)), fallen) == []
    assert proven(fallen) == []
    found = by_name(window(), window(), fallen)["variety"]
    assert (found.value, found.expected, found.wrong, found.windows) == (2.0, 3.0, 1.0, 3)


def test_nothing_is_said_of_what_is_not_known() -> None:
    unknown = (math.nan, math.nan)
    assert set(by_name(window(), window(favourites=unknown))) == set(NOTHING)
    assert "favourites" not in by_name(window(favourites=unknown))
    assert "variety" not in by_name(window(), window(variety=unknown))


def days(policy: str, part: str) -> list[WindowFeedback]:
    """Return what each day of the real sample shows, without a model."""
    rows = sample(policy, part)
    items, position = rows["item_id"].nunique(), rows["position"].to_numpy()
    user = rows.groupby([f"user_feature_{number}" for number in range(4)]).ngroup().to_numpy()
    found = Impressions(
        user=user,
        item=rows["item_id"].to_numpy(),
        slate=np.arange(len(rows)),
        position=position,
        # Positions are filled one by one here: of all items, whatever stands beside.
        candidates=items - 1 + position,
        propensity=rows["propensity_score"].to_numpy(),
        clicked=rows["click"].to_numpy("float64"),
        probability=np.full(len(rows), np.nan),
        policy=np.full(len(rows), policy),
    )
    day = pd.to_datetime(rows["timestamp"]).dt.date
    names = [field.name for field in fields(found) if field.name != "below"]
    return [
        measure(replace(found, **{name: getattr(found, name)[at] for name in names}), policy)
        for at in ((day == one).to_numpy() for one in sorted(set(day)))
    ]


@pytest.mark.parametrize("part", ["men", "women", "all"])
def test_the_real_random_policy_is_quiet_and_decides_nothing(part: str) -> None:
    found = days("random", part)
    assert len(found) == 7
    assert max(one.decided_share for one in found) < 1e-9
    assert not any(proven(*found[: end + 1]) for end in range(7))


def test_the_real_bandit_decided_most_and_gave_half_of_the_places_to_few_items() -> None:
    found = days("bts", "men")
    assert all(0.55 < one.decided_share < 0.7 for one in found)
    assert {one.half for one in found} == {3, 4}
