"""What is wrong with a column, in words."""

from tests.monitoring.traffic import week, words


def test_a_constant_column_is_stuck(judged) -> None:
    assert words(judged(week().assign(region="south")))[0] == ("act", "region is stuck")


def test_new_categories_are_a_reason_with_what_they_may_have_been_called(judged) -> None:
    renamed = judged(week().assign(region=lambda f: f["region"].replace("south", "South")))
    reason = renamed.reasons[0]
    assert reason.what == "region has new categories (South)"
    assert reason.likely_cause.startswith("renamed: south → South")
    few = judged(week().assign(region=lambda f: f["region"].mask(f.index < 2, "west")))
    assert few.level == "ok"
