"""Service minutes, added up: load, failures, latency, and the minutes that nobody reported."""

import json
from datetime import UTC, datetime, timedelta

import pandas as pd

from shared.log.prediction_log import PredictionLog
from shared.log.refused_rows import RowFault
from shared.log_columns import ERROR_KINDS
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
    uncounted, none = dict.fromkeys(ERROR_KINDS), dict.fromkeys(ERROR_KINDS, 0)
    rows = [
        minute(at(0)) | uncounted | {"queue_rows": None},
        minute(at(1)) | none | {"refused": 3, "queue_rows": 90},
        minute(at(2)) | none | {"refused": 4, "bad_row": 1, "queue_rows": 20},
    ]
    found = service.add_up(pd.DataFrame(rows))
    counts = {"bad_row": 1, "refused": 7, "deadline": 0, "log_away": 0, "internal": 0}
    assert (dict(found.kinds), found.queue_rows) == (counts, 90)
    before = service.add_up(pd.DataFrame(rows[:1]))
    assert (before.kinds, before.queue_rows) == ((), None)


def faults(rows: int, *more: tuple[str, str, int, str]) -> dict[str, object]:
    """Return what a minute counts of so many refused rows."""
    return {"refused_rows": rows, "row_faults": json.dumps(more) if more else None}


def test_refused_rows_are_added_up_by_what_was_wrong_the_most_frequent_first() -> None:
    rows = [
        minute(at(0), rows=40) | faults(9, ("age", "missing", 2, "x"), ("plan", "unknown", 9, "a")),
        minute(at(1), rows=20) | faults(11, ("plan", "unknown", 11, "b")),
        minute(at(2)) | faults(0),
        minute(at(3)) | {"refused_rows": None, "row_faults": None},
    ]
    found = service.add_up(pd.DataFrame(rows))
    assert (found.refused_rows, found.refused_share) == (20, 0.25)
    assert found.row_faults == (
        (("plan", "unknown"), RowFault(20, "a")),
        (("age", "missing"), RowFault(2, "x")),
    )
    before = service.add_up(pd.DataFrame(rows[3:]))
    assert (before.refused_rows, before.refused_share, before.row_faults) == (None, 0, ())


def test_what_was_refused_after_the_last_answer_is_the_windows_until_the_next_answer() -> None:
    rows = [
        minute(at(0), requests=5, rows=5),
        minute(at(3), requests=4, rejected=4) | faults(4),
        minute(at(4), requests=9),
        minute(at(6), requests=2, errors=2) | faults(0),
        minute(at(9), requests=7, rows=6, rejected=1) | faults(1),
        minute(at(10), requests=3, rejected=3) | faults(3),
    ]
    found = service.add_up(pd.DataFrame(rows), at(0) + timedelta(seconds=30))
    assert (found.requests, found.rejected, found.errors, found.refused_rows) == (11, 4, 2, 4)
    assert (found.minutes, found.silent_minutes) == (1, 0)


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


def test_a_log_without_a_row_shows_what_its_service_refused_until_now(
    log: PredictionLog, bundle: Bundle, settings: Settings, of_log
) -> None:
    log.prepare()
    log.minutes.add([minute(datetime.now(UTC), requests=9, rejected=9) | faults(9)])
    planned = scope.plan(settings, bundle, None, None)
    found = service.read(Case(of_log(), planned, bundle, settings))
    assert found is not None
    assert (found.requests, found.refused_rows) == (9, 9)


def test_what_is_refused_now_is_the_newest_windows_and_not_an_earlier_ones(
    log: PredictionLog, bundle: Bundle, settings: Settings, of_log
) -> None:
    answer(log, week(90), bundle)
    since = ANSWERED + timedelta(days=3)
    log.minutes.add([minute(ANSWERED, requests=90, rows=90)])
    log.minutes.add([minute(since, requests=8, rejected=8) | faults(8)])
    refused = []
    for until in (None, "2024-04-02"):
        planned = scope.plan(settings, bundle, until, None)
        found = service.read(Case(of_log(until), planned, bundle, settings))
        assert found is not None
        refused.append(found.refused_rows)
    assert refused == [8, None]
