"""Deviations as reasons: the number in its unit, and what the threshold comes from."""

from shared.baseline.statistics import Statistic
from shared.monitoring.detection import Deviation
from shared.monitoring.deviation_reasons import deviation_reason, threshold_source
from shared.profiles.gram import HOUR


def test_a_threshold_comes_from_the_largest_span_or_from_chance_alone() -> None:
    assert (
        threshold_source(16, 168, 0.0312) == "the largest of 16 normal spans of 7 days was 0.0312"
    )
    assert threshold_source(9, 24, 0.5) == "the largest of 9 normal spans of 24 hours was 0.5"
    short = "the history is too short to learn more than chance"
    assert threshold_source(None, None, None) == short


def test_the_hour_of_the_day_has_a_unit_of_its_own() -> None:
    units = [
        deviation_reason("watch", "inputs", "", name, moved, "Ask.").unit
        for name in ("income", HOUR)
        for moved in [Deviation(Statistic("distance", name), 0.2, 0.1, 0.05, 168, 16)]
    ]
    assert units == [
        "from history (mean difference of the distribution functions)",
        "of rows would have to change (total variation)",
    ]
