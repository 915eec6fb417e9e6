"""Exchanged names of a category are told as such, and from a clock that is off."""

import numpy as np
import pandas as pd
import pytest

from shared.baseline import learning
from shared.monitoring.causes import diagnosis
from shared.monitoring.causes.categories.exchanges import likeliest_names, names_to_try
from shared.monitoring.input_checks.detection import Deviation, DriftDetector
from shared.profiles.profile import Profiler
from shared.schema import arrow
from tests.profiles.contracts import contract

WEEK = 168.0


def works(rows: int, seed: int, first: int = 0) -> pd.DataFrame:
    """Return rows of a plant around the clock: half of the day is early, and half of it late."""
    rng = np.random.default_rng(seed)
    hours = first + np.sort(rng.uniform(0, rows / 2, rows))
    kind = rng.choice(["press", "lathe", "mill"], rows, p=[0.5, 0.3, 0.2])
    load = {"press": 60, "lathe": 40, "mill": 50}
    return pd.DataFrame(
        {
            "id": np.arange(rows) + seed * 10**6,
            "at": pd.Timestamp("2024-01-01", tz="UTC") + pd.to_timedelta(hours, unit="h"),
            "shift": np.where(hours % 24 < 12, "early", "late"),
            "kind": kind,
            "load": rng.normal(0, 8, rows) + pd.Series(kind).map(load).to_numpy(),
            "warm": 20 + 3 * np.sin(2 * np.pi * hours / 24) + rng.normal(0, 1, rows),
        }
    )


def learnt(names: tuple[str, ...]) -> DriftDetector:
    types = {name: "number" if name in ("load", "warm") else "category" for name in names}
    return DriftDetector(learning.learn(arrow.table(works(1_500, 1)), contract(types), 0.01))


@pytest.fixture(scope="module")
def plant() -> DriftDetector:
    return learnt(("shift", "kind", "load", "warm"))


def renamed(name: str, now: dict[str, str]) -> pd.DataFrame:
    week = works(330, 2, first=800)
    return week.assign(**{name: week[name].replace(now)})


def deviations(detector: DriftDetector, rows: pd.DataFrame) -> list[Deviation]:
    found = Profiler(detector.baseline.plan, 2_000).profile(arrow.table(rows))
    return [*detector.measure(found.counts, WEEK).values()]


def causes(detector: DriftDetector, rows: pd.DataFrame, culprit: str) -> list[str]:
    found = diagnosis.find_each(rows, detector, WEEK, [culprit])
    return [cause.words for cause in found]


@pytest.mark.parametrize(
    ("name", "now", "words"),
    [
        (
            "shift",
            {"early": "late", "late": "early"},
            "the names early and late of shift look exchanged",
        ),
        (
            "kind",
            {"lathe": "mill", "mill": "lathe"},
            "the names lathe and mill of kind look exchanged",
        ),
        (
            "kind",
            {"press": "lathe", "lathe": "mill", "mill": "press"},
            "the names of kind look exchanged: mill → press, press → lathe, lathe → mill",
        ),
    ],
)
def test_exchanged_names_are_the_cause(
    plant: DriftDetector, name: str, now: dict[str, str], words: str
) -> None:
    assert causes(plant, renamed(name, now), name) == [words]


def test_a_clock_that_is_off_moves_more_than_one_column(plant: DriftDetector) -> None:
    week = works(330, 2, first=800)
    (words,) = causes(plant, week.assign(at=week["at"] + pd.Timedelta(hours=12)), "shift")
    assert words.startswith("at looks like another time zone: 12 hours ")


def test_where_nothing_else_has_an_hour_either_may_be_the_cause() -> None:
    (words,) = causes(
        learnt(("shift", "kind", "load")),
        renamed("shift", {"early": "late", "late": "early"}),
        "shift",
    )
    assert words.startswith("the names early and late of shift look exchanged, or at looks like")


@pytest.mark.parametrize("of_some", [True, False])
def test_what_has_become_as_frequent_or_was_shuffled_was_not_exchanged(
    plant: DriftDetector, of_some: bool
) -> None:
    week, rng = works(330, 2, first=800), np.random.default_rng(0)
    some = week["kind"].mask((week["kind"] == "press") & (rng.random(330) < 0.5), "lathe")
    kind = some if of_some else rng.permutation(week["kind"])
    assert not any("exchanged" in words for words in causes(plant, week.assign(kind=kind), "kind"))


def test_names_are_tried_that_moved_or_are_frequent() -> None:
    before = np.array([0.3, 0.2, 0.2, 0.1, 0.1, 0.05, 0.04, 0.01, 0.0])
    now = np.array([0.3, 0.2, 0.2, 0.1, 0.1, 0.01, 0.08, 0.01, 0.0])
    assert names_to_try(now, before) == [0, 1, 2, 3, 5, 6]


def test_of_orders_the_likeliest_is_taken_where_it_gains_enough() -> None:
    costs = np.array([[90.0, 10.0, 50.0], [50.0, 90.0, 10.0], [10.0, 50.0, 90.0]])
    assert likeliest_names(["a", "b", "c"], costs, 100) == {"a": "b", "b": "c", "c": "a"}
    assert likeliest_names(["a", "b", "c"], costs / 20, 100) == {}


def test_rare_names_alone_are_not_tried() -> None:
    def items(rows: int, seed: int, of: int) -> pd.DataFrame:
        names = np.random.default_rng(seed).integers(0, of, rows)
        return works(rows, seed).assign(item=[f"item {number}" for number in names])

    types = contract({"item": "category", "load": "number"})
    detector = DriftDetector(learning.learn(arrow.table(items(1_500, 1, 400)), types, 0.01))
    # Many of them come no more.
    week = items(1_500, 2, 130)
    assert "item" in {d.statistic.column for d in deviations(detector, week) if d.beyond}
    assert causes(detector, week, "item") == []
