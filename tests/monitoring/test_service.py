"""Service minutes, added up: load, failures, latency, and the minutes that nobody reported."""

from datetime import UTC, datetime

import pandas as pd

from shared.monitoring import service
from shared.monitoring.service import Service
from tests.monitoring.traffic import minute


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


def test_minutes_that_no_process_reported_are_silent() -> None:
    found = service.add_up(pd.DataFrame([minute(at(0)), minute(at(5)), minute(at(6))]))
    assert (found.minutes, found.silent_minutes) == (3, 4)
    assert (found.p50_ms, found.p99_ms) == (None, None)


def test_no_minute_at_all_adds_up_to_nothing() -> None:
    found = service.add_up(pd.DataFrame([minute(at(0))]).iloc[:0])
    assert found == Service(0, 0, 0, 0, 0, None, None, 0)
    assert found.share(found.errors) == 0.0
