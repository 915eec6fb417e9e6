"""Outcomes that the server refused are counted while a window's outcomes come, and told."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.log.prediction_log import PredictionLog
from shared.log.refused_rows import RowFault
from shared.model.bundle import Bundle
from shared.monitoring.outcomes import refused_outcomes
from shared.monitoring.outcomes.refused_outcomes import RefusedOutcomes
from shared.monitoring.windows import scope
from shared.settings import Settings
from tests.monitoring.traffic import ANSWERED, answer, judged, minute, read_case, week

NO_BOOLEAN = ("defaulted", "not a boolean")


def refusing(at: datetime, rows: int) -> dict[str, Any]:
    """Return a service minute that refused so many outcomes."""
    faults = json.dumps([[*NO_BOOLEAN, rows, "'perhaps'"]])
    counted = {"requests": rows, "rejected": rows, "bad_row": rows, "refused_outcomes": rows}
    return minute(at) | counted | {"outcome_faults": faults}


def test_they_are_those_from_the_first_answer_until_a_window_after_the_last(
    log: PredictionLog, bundle: Bundle, settings: Settings
) -> None:
    answer(log, week(90), bundle)
    days = settings.monitor.window_days + settings.monitor.outcome_delay_days
    ends = [timedelta(days=number) for number in (-1, 0, days - 1, days + 1)]
    log.minutes.add([refusing(ANSWERED + since, 10**at) for at, since in enumerate(ends)])
    case = read_case(scope.plan(settings, bundle, None, None), bundle, settings)
    assert refused_outcomes.read(case) == RefusedOutcomes(
        110, ANSWERED, ((NO_BOOLEAN, RowFault(110, "'perhaps'")),)
    )


@pytest.mark.parametrize("where", ["a file", "an empty log", "a log that refused none"])
def test_a_file_and_a_log_that_refused_none_have_none(
    where: str, log: PredictionLog, bundle: Bundle, settings: Settings
) -> None:
    log.prepare()
    if where == "a log that refused none":
        answer(log, week(90), bundle)
        log.minutes.add([minute(ANSWERED, requests=90, rows=90)])
    traffic = week(90) if where == "a file" else scope.plan(settings, bundle, None, None)
    assert refused_outcomes.read(read_case(traffic, bundle, settings)) is None


def test_where_outcomes_lack_the_verdict_says_what_was_refused_even_if_none_came(
    log: PredictionLog, bundle: Bundle, settings: Settings
) -> None:
    answer(log, week(412), bundle)
    log.minutes.add([refusing(ANSWERED, 400)])
    _, verdict = judged(scope.plan(settings, bundle, None, None), bundle, settings)
    (lacking,) = [reason for reason in verdict.reasons if reason.stage == "outcomes"]
    words = "none of the 412 outcomes that are due has arrived"
    assert (lacking.level, lacking.what) == ("watch", words)
    assert lacking.next_step.startswith("Mend what sends the outcomes, and send them again")
    assert lacking.likely_cause == (
        "400 outcomes were refused since 2024-04-01 12:00 UTC: defaulted was not a boolean in 400 "
        "of them ('perhaps')"
    )
    assert not any("outcomes were refused" in note for note in verdict.notes)


def test_where_outcomes_come_a_note_says_what_was_refused(
    log: PredictionLog, bundle: Bundle, settings: Settings
) -> None:
    frame = week(412)
    answer(log, frame, bundle)
    log.outcomes.add({row.loan: bool(row.defaulted == 1) for row in frame.itertuples()})
    log.minutes.add([refusing(ANSWERED, 1)])
    _, verdict = judged(scope.plan(settings, bundle, None, None), bundle, settings)
    assert not [reason for reason in verdict.reasons if reason.stage == "outcomes"]
    assert verdict.notes[-1] == (
        "1 outcome was refused since 2024-04-01 12:00 UTC: defaulted was not a boolean in 1 of "
        "them ('perhaps')."
    )


def test_minutes_from_before_they_were_counted_say_nothing(
    log: PredictionLog, bundle: Bundle, settings: Settings
) -> None:
    answer(log, week(90), bundle)
    log.minutes.add([minute(ANSWERED) | {"refused_outcomes": None, "outcome_faults": None}])
    case = read_case(scope.plan(settings, bundle, None, None), bundle, settings)
    assert refused_outcomes.read(case) is None
    assert case.scope.read_at > datetime(2024, 4, 1, tzinfo=UTC)
