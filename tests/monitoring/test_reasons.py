"""Reasons: what passes its threshold, by how much, and that only the worst wakes a person."""

from dataclasses import replace

import pytest

from shared.data.checks import Breach
from shared.monitoring import reasons
from shared.monitoring.drift import Shift
from shared.monitoring.quality import Quality
from shared.monitoring.service import Service
from shared.scores import Score
from shared.settings import Monitor

MONITOR = Monitor(drift=2.0, category_drift=0.25, prediction_drift=1.0)
STILL = Shift("temp", "number", "compared", 0.1, 0.0, 0.0, 0.0, ())
FINE = Quality("judged", 500, 0, 500, None, 0.2, 0.2, {}, {"roc_auc": Score(0.8, 0.78, 0.82)})
CALM = Service(10, 1_000, 4_000, 0, 0, 2.0, 9.0, 0)


def told(shift: Shift) -> list[tuple[str, str, float, float]]:
    found = reasons.of_columns([shift], MONITOR)
    return [(r.level, r.what, r.number, r.threshold) for r in found]


def test_a_column_like_its_reference_is_no_reason() -> None:
    assert told(STILL) == []
    assert told(replace(STILL, distance=2.0)) == []


def test_a_shift_is_watched_with_its_number_against_its_own_threshold() -> None:
    assert told(replace(STILL, distance=4.1)) == [("watch", "temp has shifted", 4.1, 2.0)]
    category = Shift("carrier", "category", "compared", 0.3, 0.0, 0.0, 0.0, ())
    assert told(category) == [("watch", "carrier has shifted", 0.3, 0.25)]
    score = replace(STILL, column="probability", distance=1.5)
    assert told(score) == [("watch", "the score has shifted", 1.5, 1.0)]


def test_a_lost_feed_is_acted_upon_once() -> None:
    lost = replace(STILL, state="empty", distance=None, missing=1.0)
    assert told(lost) == [("act", "temp is empty: its feed is lost", 1.0, 0.0)]
    assert told(replace(lost, column="probability")) == []


def test_an_absent_column_is_the_contracts_business() -> None:
    assert told(replace(STILL, state="absent", distance=None, missing=1.0)) == []


def test_more_missing_values_than_allowed_are_watched() -> None:
    found = reasons.of_columns([replace(STILL, missing=0.5, missing_before=0.1)], MONITOR)
    assert [(r.what, r.number, r.unit) for r in found] == [
        (
            "temp is missing more often than in the reference",
            0.4,
            "of rows more (50% instead of 10%)",
        )
    ]
    assert told(replace(STILL, missing=0.15, missing_before=0.1)) == []


def test_a_stuck_column_and_a_stuck_score_are_watched() -> None:
    assert told(replace(STILL, state="constant")) == [("watch", "temp is constant", 1.0, 0.5)]
    score = replace(STILL, column="probability", state="constant")
    assert told(score) == [("watch", "the score is stuck", 1.0, 0.5)]


def test_a_column_that_was_constant_may_hardly_vary() -> None:
    assert told(replace(STILL, state="was constant", distance=0.5)) == [
        ("watch", "temp has shifted", 0.5, 0.02)
    ]


def test_new_categories_are_named() -> None:
    carrier = Shift("carrier", "category", "compared", 0.1, 0.0, 0.0, 0.1, ("ZZ", "QQ"))
    assert told(carrier) == [("watch", "carrier holds new categories (ZZ, QQ)", 0.1, 0.02)]
    assert told(replace(carrier, unseen=0.01)) == []


def test_a_broken_contract_is_acted_upon_be_it_in_one_row() -> None:
    (found,) = reasons.of_contract([Breach("age", "above 120", 1, 0.001, ("200",), True)])
    assert (found.level, found.what, found.column) == ("act", "age: above 120 (200)", "age")
    assert "Mend what feeds age" in found.next_step


def test_a_key_that_was_asked_twice_breaks_nothing() -> None:
    assert reasons.of_contract([Breach("loan", "not unique", 2, 0.01, ("L1",), True)]) == []


def test_an_observed_range_may_be_left_by_a_few_rows() -> None:
    few = Breach("seats", "outside 2 to 450", 5, 0.01, ("500",), False)
    assert reasons.of_contract([few]) == []
    assert reasons.of_ranges([few], MONITOR) == []
    (found,) = reasons.of_ranges([replace(few, share=0.05)], MONITOR)
    assert (found.level, found.what) == ("watch", "seats is outside 2 to 450 (500)")
    new = replace(few, problem="not a known category", share=0.05)
    assert reasons.of_ranges([new], MONITOR) == []


@pytest.mark.parametrize(
    ("now", "levels"),
    [
        (Score(0.75, 0.70, 0.79), []),
        (Score(0.65, 0.60, 0.70), ["act"]),
        (Score(0.65, 0.40, 0.85), ["watch"]),
        (Score(0.95, 0.90, 0.99), []),
    ],
)
def test_a_loss_is_acted_upon_once_its_interval_lies_below_the_promise(
    now: Score, levels: list[str]
) -> None:
    found = reasons.of_quality(replace(FINE, scores={"roc_auc": now}), MONITOR)
    assert [r.level for r in found] == levels


def test_outcomes_that_are_due_and_do_not_come_are_watched() -> None:
    silent = replace(FINE, state="none came", received=0)
    (found,) = reasons.of_quality(silent, MONITOR)
    assert (found.level, found.what) == ("watch", "no outcome has come of 500 that are due")
    assert reasons.of_quality(replace(silent, due=50), MONITOR) == []
    for state in ("not due", "unscored", "no outcomes in the file", "too few", "one class"):
        assert reasons.of_quality(replace(FINE, state=state), MONITOR) == []


def test_a_service_that_fails_is_acted_upon_and_one_that_refuses_watched() -> None:
    assert reasons.of_service(None, MONITOR) == []
    assert reasons.of_service(CALM, MONITOR) == []
    sick = replace(CALM, errors=20, rejected=100)
    found = reasons.of_service(sick, MONITOR)
    assert [(r.level, r.what, r.number) for r in found] == [
        ("act", "the service failed 20 of 1,000 requests", 0.02),
        ("watch", "the service refused 100 of 1,000 requests", 0.1),
    ]


def test_a_few_failed_requests_are_accidents_whatever_their_share() -> None:
    assert reasons.of_service(replace(CALM, requests=8, errors=4, rejected=4), MONITOR) == []
