"""Outcomes that are due and do not come: beside what came before, and without a false alarm."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from shared.monitoring.outcomes import lacking_outcomes
from shared.monitoring.outcomes.lacking_outcomes import Arriving
from shared.monitoring.outcomes.quality import Quality
from tests.monitoring.test_news import verdict
from tests.monitoring.traffic import week
from tests.monitoring.wording.test_evidence_reasons import LACKING

START = datetime(2024, 4, 1, tzinfo=UTC)
FINE = Quality("judged", 412, 0, 141, None, 0.2, 0.2, {}, {}, {}, (), ())
ALL = Arriving(1.0, "history")


def case(*means: float) -> Any:
    spans = [SimpleNamespace(traits={LACKING.trait: SimpleNamespace(mean=mean)}) for mean in means]
    bundle = SimpleNamespace(evaluation=SimpleNamespace(varies=spans))
    return SimpleNamespace(start=START, scope=SimpleNamespace(source="log"), bundle=bundle)


def earlier(*shares: float | None) -> list[Any]:
    ends = (START - timedelta(weeks=number) for number in range(len(shares)))
    each = zip(shares, ends, strict=True)
    return [verdict(arrived=share, until=end.isoformat(), source="log") for share, end in each]


def test_fewer_than_half_of_what_mostly_comes_is_watched_with_the_numbers() -> None:
    (found,) = lacking_outcomes.lacking_reasons(FINE, ALL, 200, ())
    assert (found.level, found.stage) == ("watch", "outcomes")
    words = "only 141 of the 412 outcomes that are due have arrived (34%; history 100%)"
    assert found.what == words
    assert (round(found.number, 3), found.threshold) == (0.658, 0.5)
    assert found.unit == "of the outcomes due"
    assert found.next_step == (
        "Check what feeds the outcomes: some may be lost. If they only take longer than "
        "outcome_delay_days of [monitor] says, raise it."
    )


@pytest.mark.parametrize(
    ("quality", "arriving"),
    [
        (replace(FINE, received=206), ALL),
        (FINE, Arriving(0.36, "3 windows before")),
        (replace(FINE, due=199, received=3), ALL),
        (replace(FINE, state="no outcomes in the file", received=0), ALL),
        # That none came is said elsewhere.
        (replace(FINE, state="none came", received=0), ALL),
    ],
)
def test_what_mostly_comes_or_is_unknown_is_no_alarm(quality: Quality, arriving: Arriving) -> None:
    assert lacking_outcomes.lacking_reasons(quality, arriving, 200, ()) == []


def test_what_evidence_says_is_not_said_again() -> None:
    assert lacking_outcomes.lacking_reasons(FINE, ALL, 200, [LACKING]) == []
    within = LACKING.model_copy(update={"reach": 0.5})
    assert len(lacking_outcomes.lacking_reasons(FINE, ALL, 200, [within])) == 1


def test_the_arriving_share_is_the_one_of_the_windows_before_or_else_history_s() -> None:
    arriving = lacking_outcomes.arriving_share
    assert arriving(case(), []) == ALL
    assert arriving(case(0.2, 0.25), earlier(0.3)) == Arriving(0.75, "history")
    assert arriving(case(), earlier(0.3, None, 0.36, 0.4)) == Arriving(0.36, "3 windows before")
    # A window that ends later, or is of another source, says nothing of this one.
    later = verdict(arrived=0.1, until=(START + timedelta(days=1)).isoformat(), source="log")
    other = verdict(arrived=0.1, until=START.isoformat(), source="file")
    assert arriving(case(), [later, other, *earlier(0.3)]) == ALL


def test_a_window_keeps_what_share_had_arrived(judged) -> None:
    rows = week(600).fillna({"defaulted": 0.0})
    found = judged(rows.assign(defaulted=rows["defaulted"].where(rows.index % 3 == 0)))
    assert found.arrived == pytest.approx(1 / 3)
    (only,) = [reason for reason in found.reasons if reason.stage == "outcomes"]
    assert only.level == "watch"
