"""What is wrong with a column, in words."""

from types import SimpleNamespace
from typing import Any

from shared.monitoring import column_words
from shared.profiles.counting_plan import CategoryPlan
from tests.monitoring.traffic import week, words


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
