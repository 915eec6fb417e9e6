"""Service minutes, added up: load, failures, latency, and the minutes that nobody reported."""

from datetime import UTC, datetime, timedelta

import pandas as pd

from shared.log.log_tables import KINDS
from shared.log.prediction_log import PredictionLog
from shared.model.bundle import Bundle
from shared.monitoring import service
from shared.monitoring.case import Case
from shared.monitoring.service import Service
from shared.monitoring.windows import scope
from shared.settings import Settings
from tests.monitoring.traffic import ANSWERED, answer, minute, week


def at(number: int) -> datetime:
    return datetime(2024, 4, 1, 12, number, tzinfo=UTC)


def test_two_processes_in_one_minute_are_one_minute_of_the_service() -> None:
    busy = {"requests": 10, "rows": 40, "p50_ms": 2.0, "p99_ms": 9.0}
    rows = [
        minute(at(0), "a", **busy),
        minute(at(0), "b", **(busy | {"rejected": 3, "p99_ms": 30.0})),
        minute(at(1), "a"),
    ]
    assert service.add_up(pd.DataFrame(rows)) == Service(
        minutes=2,
        requests=20,
        rows=80,
        rejected=3,
        errors=0,
        p50_ms=2.0,
        p99_ms=30.0,
        silent_minutes=0,
    )


def test_errors_are_added_up_by_kind_and_minutes_from_before_they_were_counted_have_none() -> None:
    rows = [
        minute(at(0)) | dict.fromkeys(KINDS, None) | {"queue_rows": None},
        minute(at(1)) | dict.fromkeys(KINDS, 0) | {"refused": 3, "queue_rows": 90},
        minute(at(2)) | dict.fromkeys(KINDS, 0) | {"refused": 4, "bad_row": 1, "queue_rows": 20},
    ]
    found = service.add_up(pd.DataFrame(rows))
    counts = {"bad_row": 1, "refused": 7, "deadline": 0, "log_away": 0, "internal": 0}
    assert (dict(found.kinds), found.queue_rows) == (counts, 90)
    before = service.add_up(pd.DataFrame(rows[:1]))
    assert (before.kinds, before.queue_rows) == ((), None)


def test_minutes_that_no_process_reported_are_silent() -> None:
    found = service.add_up(pd.DataFrame([minute(at(0)), minute(at(5)), minute(at(6))]))
    assert (found.minutes, found.silent_minutes) == (3, 4)
    assert (found.p50_ms, found.p99_ms) == (None, None)


def test_no_minute_at_all_adds_up_to_nothing() -> None:
    found = service.add_up(pd.DataFrame([minute(at(0))]).iloc[:0])
    assert found == Service(0, 0, 0, 0, 0, None, None, 0)
    assert found.share(found.errors) == 0.0


def test_the_services_minutes_are_those_in_which_the_rows_were_answered(
    log: PredictionLog, bundle: Bundle, settings: Settings, of_log
) -> None:
    answer(log, week(90), bundle)
    times = [ANSWERED + timedelta(minutes=m) for m in (-5, 0, 1, 30)]
    log.minutes.add([minute(m, requests=10, rows=10) for m in times])
    planned = scope.plan(settings, bundle, None, None)
    found = service.read(Case(of_log(), planned, bundle, settings))
    assert found is not None
    assert (found.minutes, found.requests) == (2, 20)
