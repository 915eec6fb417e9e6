"""Aims: what is not near what was asked is told over four weeks, if outcomes are enough to know."""

from dataclasses import replace

import pytest

from shared.monitoring import objectives
from shared.monitoring.outcomes import aims
from shared.monitoring.outcomes.aims import MissedAim
from shared.monitoring.outcomes.losses import Loss
from shared.monitoring.outcomes.quality import Quality
from shared.sections.operation import Monitor
from shared.tasks.metrics import Score
from shared.tasks.regression.regression_task import WORDS

MONTH = 30 * 24.0
FINE = Quality("judged", 500, 0, 500, None, 4.0, 4.1, {}, {}, {}, (), ())


def held(share: float, error: float = 0.002) -> dict[str, Score]:
    reach = 1.96 * error
    return {"coverage": Score(share, share - reach, share + reach)}


@pytest.mark.parametrize(
    ("share", "told"), [(0.9, False), (0.885, False), (0.879, True), (0.915, False), (0.921, True)]
)
def test_more_than_two_points_off_is_told_in_either_direction(share: float, told: bool) -> None:
    found = aims.missed({"coverage": 0.9}, held(share), MONTH)
    assert found == ((MissedAim("coverage", share, 0.9, MONTH),) if told else ())


def test_a_few_weeks_or_outcomes_too_few_to_know_tell_nothing() -> None:
    assert aims.missed({"coverage": 0.9}, held(0.7), 21 * 24) == ()
    assert aims.missed({"coverage": 0.9}, held(0.7, error=0.006), MONTH) == ()
    assert aims.missed({"coverage": 0.9}, {}, MONTH) == ()
    assert aims.missed({}, held(0.7), MONTH) == ()


def test_a_missed_aim_wakes_nobody_and_says_what_was_asked() -> None:
    missed = replace(FINE, missed=(MissedAim("coverage", 0.8762, 0.9, MONTH),))
    (reason,) = objectives.quality_reasons(missed, [], Monitor(), WORDS)
    assert (reason.level, reason.stage) == ("watch", "quality")
    assert reason.what == "interval coverage was 0.876 over 30 days (0.900 was asked)"
    assert reason.unit == "below what was asked"
    assert (reason.number, reason.threshold) == (pytest.approx(0.0238), 0.02)


def test_a_loss_of_the_same_metric_is_reason_enough() -> None:
    lost = Loss("coverage", 0.6, 0.88, 0.28, 0.09, 0.05, 336, 7)
    both = replace(FINE, missed=(MissedAim("coverage", 0.6, 0.9, MONTH),), losses=(lost,))
    (reason,) = objectives.quality_reasons(both, [], Monitor(), WORDS)
    assert reason.level == "act"
