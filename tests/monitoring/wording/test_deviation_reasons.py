"""Deviations as reasons: the number in its unit, and what the threshold comes from."""

from shared.baseline.statistics import Statistic
from shared.monitoring.input_checks.detection import Deviation
from shared.monitoring.wording.deviation_reasons import (
    deviation_reason,
    span_words,
    threshold_source,
)
from shared.monitoring.wording.units import FEWER_ROWS


def test_a_threshold_comes_from_the_largest_span_or_from_chance_alone() -> None:
    assert (
        threshold_source(16, 168, 0.0312)
        == "in 16 spans of 7 days of the model's history it was at most 0.0312"
    )
    assert (
        threshold_source(9, 24, 0.5)
        == "in 9 spans of 24 hours of the model's history it was at most 0.5"
    )
    assert (
        threshold_source(16, 168, 0.05, "of rows")
        == "in 16 spans of 7 days of the model's history it was at most 5%"
    )
    short = "the history is too short to learn more than chance"
    assert threshold_source(None, None, None) == short


def test_a_deviation_keeps_its_numbers_and_says_them_in_its_unit() -> None:
    moved = Deviation(Statistic("volume", "applied"), 0.7, 0.4, 0.3, 168, 16)
    reason = deviation_reason("watch", "feed", "fewer rows", "applied", moved, FEWER_ROWS, "Ask.")
    assert (reason.number, reason.threshold, reason.unit) == (0.7, 0.4, FEWER_ROWS)
    assert (reason.check, reason.next_step) == ("volume", "Ask.")
    assert reason.baseline == "in 16 spans of 7 days of the model's history it was at most 1.35"


def test_a_span_is_in_hours_up_to_a_day_and_in_days_without_a_power_of_ten() -> None:
    spans = [span_words(hours) for hours in (1, 24, 36, 168, 1_480 * 24)]
    assert spans == ["1 hour", "24 hours", "1.5 days", "7 days", "1,480 days"]
