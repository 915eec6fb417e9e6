"""Rows of a new category, without which other columns are as usual: the category is told first."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from shared.baseline import learning
from shared.model.verdict import Level, Reason, Stage
from shared.monitoring.causes import culprits
from shared.monitoring.causes.rows import new_rows
from shared.monitoring.input_checks.detection import DriftDetector
from shared.profiles.profile import Profiler
from shared.schema import arrow
from tests.monitoring.traffic import week
from tests.profiles.contracts import contract

WEEK = 168.0
AREAS = {"B1": 900.0, "B2": 2_500.0, "B3": 4_000.0, "B4": 12_000.0, "B10": 7_000.0}


def meters(rows: int, seed: int, new: float = 0.0) -> pd.DataFrame:
    """Return meters of buildings with an area each; a share of them is of one that is new."""
    rng = np.random.default_rng(seed)
    building = rng.choice(["B1", "B2", "B3", "B4"], rows).astype("O")
    building[rng.random(rows) < new] = "B10"
    hours = np.sort(rng.uniform(0, 4_000 * rows / 8_000, rows))
    return pd.DataFrame(
        {
            "id": np.arange(rows) + seed * 10**6,
            "at": pd.Timestamp("2024-01-01", tz="UTC") + pd.to_timedelta(hours, unit="h"),
            "building": building,
            "area": pd.Series(building).map(AREAS).to_numpy() + rng.integers(0, 3, rows),
            "warmth": rng.normal(10, 5, rows),
        }
    )


@pytest.fixture(scope="module")
def metered() -> DriftDetector:
    columns = contract({"building": "category", "area": "number", "warmth": "number"})
    return DriftDetector(learning.learn(arrow.table(meters(8_000, 1)), columns, 0.01))


def explained(rows: pd.DataFrame, detector: DriftDetector) -> tuple[list[str], dict[str, Any]]:
    """Return the columns to blame in a week, and which of them a new category explains."""
    profile = Profiler(detector.baseline.plan, 2_000).profile(arrow.table(rows))
    counts = detector.with_dependences(profile.counts, profile.sample)
    blamed = culprits.find(detector, counts, WEEK)
    case: Any = SimpleNamespace(baseline=detector.baseline, profile=profile, hours=WEEK)
    return blamed, new_rows.explained_columns(case, detector, blamed)


@pytest.mark.parametrize("new", [0.1, 0.25])
def test_a_new_building_explains_that_its_area_does_not_fit(
    metered: DriftDetector, new: float
) -> None:
    blamed, found = explained(meters(400, 2, new), metered)
    assert {*blamed} == {"building", "area"}
    assert found == {"building": ("area",)}


def test_a_column_that_is_odd_in_other_rows_as_well_is_not_explained(
    metered: DriftDetector,
) -> None:
    wrong = meters(400, 2, 0.1).assign(
        area=lambda f: f["area"].sample(frac=1, random_state=0).array
    )
    blamed, found = explained(wrong, metered)
    assert {"building", "area"} <= {*blamed}
    assert found == {}
    warm = meters(400, 2, 0.1).assign(warmth=lambda f: f["warmth"] + 40)
    assert "warmth" in explained(warm, metered)[0]
    assert explained(warm, metered)[1] == {"building": ("area",)}


def test_where_most_rows_are_new_the_others_say_nothing(metered: DriftDetector) -> None:
    blamed, found = explained(meters(400, 2, 0.7), metered)
    assert "building" in blamed
    assert found == {}


def test_a_new_source_in_cents_is_told_first_and_the_cents_after_it(judged) -> None:
    rows = week(2_000)
    new = rows.index % 8 == 0
    cents = rows.assign(
        region=rows["region"].mask(new, "west"),
        income=rows["income"].mask(new, 100 * rows["income"]),
    )
    told = [r for r in judged(cents).reasons if r.column in ("region", "income")]
    assert [(r.column, r.level, r.stage) for r in told] == [
        ("region", "act", "feed"),
        ("income", "act", "feed"),
    ]
    assert told[0].what == "region has new categories (west)"
    assert told[1].what.startswith("income is far outside its range: ")
    assert told[1].likely_cause == (
        "without the rows of new categories of region, income is as usual"
    )


def test_cents_in_all_rows_are_no_matter_of_a_new_source(judged) -> None:
    rows = week(2_000).assign(income=lambda frame: 100 * frame["income"])
    rows["region"] = rows["region"].mask(rows.index % 8 == 0, "west")
    (income,) = (r for r in judged(rows).reasons if r.column == "income")
    assert "looks like a hundred times what it was" in income.what
    assert "without the rows" not in income.likely_cause


def reason(column: str, level: Level, stage: Stage, likely: str | None = None) -> Reason:
    return Reason(
        level=level,
        stage=stage,
        what=f"{column} is odd",
        column=column,
        number=3.0,
        threshold=1.0,
        unit="of rows",
        next_step="Check it.",
        likely_cause=likely,
    )


def test_a_new_category_stands_before_what_it_explains_and_is_as_serious() -> None:
    warmth, building = reason("warmth", "act", "feed"), reason("building", "watch", "feed")
    area = reason("area", "act", "inputs", "about that")
    told = new_rows.with_new_first([warmth, area, building], {"building": ("area",)})
    assert [(r.column, r.level, r.stage, r.likely_cause) for r in told] == [
        ("warmth", "act", "feed", None),
        ("building", "act", "feed", None),
        (
            *("area", "act", "inputs"),
            "about that; without the rows of new categories of building, area is as usual",
        ),
    ]
    assert new_rows.with_new_first([warmth, area], {"building": ("area",)}) == [warmth, area]
    assert new_rows.with_new_first([warmth, building], {}) == [warmth, building]
