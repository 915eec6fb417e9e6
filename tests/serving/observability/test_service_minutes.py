"""Service minutes: what is counted, when it is stored, and that a log that is away loses none."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.log.prediction_log import PredictionLog
from shared.log.refused_rows import RowFault, faults_of, refused_rows
from shared.model.bundle import Bundle
from shared.serving.observability import service_minutes as module
from shared.serving.observability.service_minutes import ServiceMinutes

EVER = (datetime(1700, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC))
NOON = datetime(2024, 4, 1, 12, 0, tzinfo=UTC)


class Clock:
    """Tells the minute that a test says it is."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def later(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    told = Clock()
    monkeypatch.setattr(module, "_this_minute", told)
    return told


@pytest.fixture
def log(bundle: Bundle, tmp_path: Path) -> Iterator[PredictionLog]:
    held = PredictionLog("loans", bundle.contract, f"sqlite:///{tmp_path / 'log.db'}")
    yield held
    held.close()


def stored(log: PredictionLog) -> list[dict[str, Any]]:
    frame = log.minutes.between(*EVER)
    return frame.astype(object).where(frame.notna(), None).to_dict("records")


def test_a_minute_that_is_over_is_stored_with_its_counts_and_latencies(
    clock: Clock, log: PredictionLog
) -> None:
    minutes = ServiceMinutes()
    latencies = [float(n) for n in range(1, 101)]
    mistakes = [(503, "log_away"), (422, "bad_row"), (422, "bad_row"), (404, "unknown_route")]
    for (status, kind), latency in zip(mistakes, latencies, strict=False):
        minutes.add(status, latency, 0, kind)
    minutes.add(200, latencies[4], 300)
    minutes.add_answered(latencies[5:50], 45)
    for latency in latencies[50:]:
        minutes.add(200, latency)
    minutes.add(503, latencies[-1] + 1, 0, "refused")
    for rows in (3, 20, 7):
        minutes.add_depth("queue_rows", rows)
    clock.later(1)
    minutes.store(log)
    assert stored(log) == [
        {
            "minute": NOON,
            "server": minutes.server,
            "requests": 101,
            "rows": 345,
            "rejected": 3,
            "errors": 2,
            "p50_ms": 51.0,
            "p99_ms": 100.0,
            "bad_row": 2,
            "refused": 1,
            "deadline": 0,
            "log_away": 1,
            "internal": 0,
            "queue_rows": 20,
            "spool_rows": 0,
            "p90_ms": 91.0,
            "p999_ms": pytest.approx(100.9),
            "max_ms": 101.0,
            "refused_rows": 0,
            "row_faults": None,
            "refused_outcomes": 0,
            "outcome_faults": None,
        }
    ]


def test_a_quiet_minute_is_kept_as_one_in_which_the_server_was_there(
    clock: Clock, log: PredictionLog
) -> None:
    minutes = ServiceMinutes()
    minutes.add(200, 5.0)
    clock.later(3)
    minutes.add(200, 7.0)
    clock.later(1)
    minutes.store(log)
    found = stored(log)
    assert [row["minute"] for row in found] == [NOON + timedelta(minutes=n) for n in range(4)]
    assert [row["requests"] for row in found] == [1, 0, 0, 1]
    assert [row["p50_ms"] for row in found] == [5.0, None, None, 7.0]


def test_what_the_present_minute_counted_is_stored_at_once_and_its_latencies_at_its_end(
    clock: Clock, log: PredictionLog
) -> None:
    minutes = ServiceMinutes()
    minutes.store(log)
    assert stored(log) == []
    minutes.add(200, 5.0)
    minutes.store(log)
    minutes.add(422, 7.0)
    minutes.store(log)
    assert [(r["requests"], r["rejected"], r["p50_ms"]) for r in stored(log)] == [(2, 1, None)]
    clock.later(1)
    minutes.store(log)
    assert [(row["requests"], row["p50_ms"]) for row in stored(log)] == [(2, 6.0)]


def test_the_last_minute_is_stored_as_a_whole(clock: Clock, log: PredictionLog) -> None:
    minutes = ServiceMinutes()
    minutes.add(200, 5.0)
    minutes.store(log)
    minutes.store(log, last=True)
    assert [(row["requests"], row["p50_ms"]) for row in stored(log)] == [(1, 5.0)]


def test_a_minute_that_changes_nothing_is_not_written_again(
    clock: Clock, log: PredictionLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    minutes, written = ServiceMinutes(), list[int]()
    monkeypatch.setattr(log.minutes, "add", lambda rows: written.append(len(rows)))
    minutes.add(422, 5.0)
    for _ in range(3):
        minutes.store(log)
    assert written == [1, 0, 0]


def test_refused_rows_are_counted_by_column_and_rule_with_the_first_example(
    clock: Clock, log: PredictionLog
) -> None:
    minutes = ServiceMinutes()
    for rows, at in ((3, 17), (1, 200)):
        fault = {("age", "outside 18 to 120"): RowFault(rows, str(at))}
        minutes.add(422, 5.0)
        minutes.add_refused(refused_rows(10, fault))
    minutes.store(log)
    (row,) = stored(log)
    assert (row["refused_rows"], faults_of(row["row_faults"])) == (
        20,
        {("age", "outside 18 to 120"): RowFault(4, "17")},
    )


def test_a_minute_is_stored_once(clock: Clock, log: PredictionLog) -> None:
    minutes = ServiceMinutes()
    minutes.add(200, 5.0)
    clock.later(1)
    for _ in range(3):
        minutes.store(log)
    assert len(stored(log)) == 1


def test_a_log_that_is_away_is_waited_for_and_no_minute_is_lost(
    clock: Clock, bundle: Bundle, tmp_path: Path
) -> None:
    (tmp_path / "log.db").mkdir()
    log = PredictionLog("loans", bundle.contract, f"sqlite:///{tmp_path / 'log.db'}")
    minutes = ServiceMinutes()
    for requests in (1, 2):
        for _ in range(requests):
            minutes.add(503, 5.0)
        clock.later(1)
        minutes.store(log)
    (tmp_path / "log.db").rmdir()
    assert stored(log) == []
    minutes.add(200, 6.0)
    clock.later(1)
    minutes.store(log)
    assert [(row["requests"], row["errors"]) for row in stored(log)] == [(1, 1), (2, 2), (1, 0)]
    log.close()


def test_a_server_that_slept_for_a_week_keeps_the_minutes_of_a_day(
    clock: Clock, log: PredictionLog
) -> None:
    minutes = ServiceMinutes()
    clock.later(7 * 24 * 60)
    minutes.store(log)
    found = stored(log)
    assert len(found) == 24 * 60
    assert found[-1]["minute"] == clock.now - timedelta(minutes=1)
