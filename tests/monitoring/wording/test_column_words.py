"""What is wrong with a column, in words."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from shared.baseline import learning
from shared.monitoring.input_checks.detection import DriftDetector
from shared.monitoring.wording import column_words
from shared.monitoring.wording.telling import beside, most_telling
from shared.profiles.counting_plan import CategoryPlan
from shared.profiles.profile import Profiler
from shared.schema import arrow
from tests.monitoring.traffic import week, words
from tests.profiles.contracts import contract

RATED = contract({"rating": "number", "city": "category", "files": "number", "past": "number"})


def test_a_constant_column_is_stuck(judged) -> None:
    assert words(judged(week().assign(region="south")))[0] == ("act", "region is stuck")


def test_new_categories_are_a_reason_with_what_they_may_have_been_called(judged) -> None:
    renamed = judged(week().assign(region=lambda f: f["region"].replace("south", "South")))
    reason = renamed.reasons[0]
    assert reason.what == "region has new categories (South)"
    assert reason.likely_cause.startswith("in another case: south → South")
    few = judged(week().assign(region=lambda f: f["region"].mask(f.index < 2, "west")))
    assert few.level == "ok"


def test_codes_that_came_without_their_zeros_are_named() -> None:
    plan = CategoryPlan(name="station", categories=("007", "012"), related=0)
    case: Any = SimpleNamespace(
        profile=SimpleNamespace(unseen={"station": {"12": 5, "7": 2}}),
        baseline=SimpleNamespace(plan={"station": plan}),
    )
    what, _, likely = column_words._new_words("station", case)
    assert what == "station has new categories (12, 7)"
    assert likely == "zeros are lost: 012 → 12, 007 → 7"


@pytest.mark.parametrize(
    ("others", "points"),
    [(("city",), "city points"), (("city", "past"), "city, past point"), ((), "columns point")],
)
def test_columns_that_predict_another_one_point_and_a_single_one_points(
    others: tuple[str, ...], points: str
) -> None:
    depends = SimpleNamespace(column="rating", others=others)
    plan: Any = SimpleNamespace(time="at", dependences=[depends])
    _, step = column_words._dependence_words("rating", plan, False)
    assert step.endswith(f"{points} to other values.")


def deliveries(rows: int, seed: int) -> pd.DataFrame:
    """Return deliveries of which an eighth is not rated, and the others with 3 to 5."""
    rng = np.random.default_rng(seed)
    hours = np.sort(rng.uniform(0, 2_400, rows))
    return pd.DataFrame(
        {
            "id": np.arange(rows) + seed * 10**6,
            "at": pd.Timestamp("2024-01-01", tz="UTC") + pd.to_timedelta(hours, unit="h"),
            "rating": pd.Series(rng.choice([3.0, 4.0, 5.0], rows)).mask(rng.random(rows) < 0.125),
            "city": rng.choice(["Bern", "Chur", "Genf"], rows, p=[0.6, 0.3, 0.1]),
            "files": rng.poisson(1, rows).astype("float64"),
            "past": rng.poisson(4, rows).astype("float64"),
        }
    )


@pytest.fixture(scope="module")
def rated() -> DriftDetector:
    return DriftDetector(learning.learn(arrow.table(deliveries(4_000, 1)), RATED, 0.01))


def told(rated: DriftDetector, rows: pd.DataFrame, name: str) -> tuple[str, str, str | None]:
    """Return the words on a column of rows that came."""
    profile = Profiler(rated.baseline.plan, 4_000).profile(arrow.table(rows))
    case: Any = SimpleNamespace(
        profile=profile,
        baseline=rated.baseline,
        history=rated.history,
        bundle=SimpleNamespace(reference=lambda: deliveries(1_000, 3)),
    )
    counts = rated.with_dependences(profile.counts, profile.sample)
    beyond = {
        deviation.statistic.check: deviation
        for deviation in rated.measure(counts, 168.0).values()
        if deviation.beyond and deviation.statistic.column == name
    }
    telling = most_telling(beyond, column_words.is_missing_less(name, case))
    assert telling is not None
    return column_words.column_words(name, [], telling, beside(telling, beyond), case)


def test_a_column_of_another_file_is_told_by_what_has_changed_the_most(
    rated: DriftDetector,
) -> None:
    stars = np.random.default_rng(0).choice([1.0, 2.0, 3.0, 4.0, 5.0], 600)
    what, step, likely = told(rated, deliveries(600, 2).assign(rating=stars), "rating")
    assert what == (
        "rating is far outside its range: 1 to 5 (history 3 to 5); it is missing less often "
        "(0.0%, expected 12.8%) and has shifted"
    )
    assert step == "Check whether rating can have such values: the model has never seen them."
    assert likely is None


def test_a_column_that_is_filled_from_another_one_is_said_to_be(rated: DriftDetector) -> None:
    filled = deliveries(600, 2).assign(files=lambda f: f["past"])
    assert told(rated, filled, "files") == (
        "files has the same values as past",
        "Check where files comes from: it is filled from past, or both are from one source.",
        "in training they differ",
    )


def test_a_name_that_became_another_is_named_with_it(rated: DriftDetector) -> None:
    merged = deliveries(600, 2).replace({"city": {"Bern": "Genf"}})
    assert told(rated, merged, "city") == (
        "Bern of city no longer comes; Genf grew by as much",
        "Check whether Bern is called Genf now, or its rows are lost or sent elsewhere.",
        None,
    )


def test_exchanged_names_are_told_as_such_and_to_be_mended(rated: DriftDetector) -> None:
    exchanged = deliveries(600, 2).replace({"city": {"Bern": "Genf", "Genf": "Bern"}})
    assert told(rated, exchanged, "city") == (
        "the names Bern and Genf of city look exchanged",
        "Ask whoever feeds city whether Bern and Genf changed places, and mend the feed.",
        "exchanged back, each is about as frequent as in training",
    )


def test_values_that_fit_worse_than_in_any_order_are_said_to_be_exchanged() -> None:
    def insured(seed: int, rows: int) -> pd.DataFrame:
        made = deliveries(rows, seed).assign(past=np.random.default_rng(seed).normal(size=rows))
        known = made["past"].gt(0.0).map({True: "yes", False: "no"})
        return made.assign(known=known)[["id", "at", "past", "known"]]

    columns = contract({"past": "number", "known": "category"})
    detector = DriftDetector(learning.learn(arrow.table(insured(1, 4_000)), columns, 0.01))
    turned = insured(2, 600).replace({"known": {"yes": "no", "no": "yes"}})
    what, step, _ = told(detector, turned, "known")
    assert what == "known fits past worse than if it were shuffled"
    assert step == "Check whether values of known are exchanged, such as yes and no, or turned."
