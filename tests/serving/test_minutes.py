"""Service minutes: what is counted, when it is stored, and that a log that is away loses none."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from shared.data.prediction_log import PredictionLog
from shared.packaging.bundle import Bundle
from shared.serving import minutes as module
from shared.serving.minutes import Minutes, counted

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
    frame = log.minutes(NOON - timedelta(days=9), NOON + timedelta(days=9))
    return frame.astype(object).where(frame.notna(), None).to_dict("records")


def test_a_minute_that_is_over_is_stored_with_its_counts_and_latencies(
    clock: Clock, log: PredictionLog
) -> None:
    minutes = Minutes()
    latencies = [float(n) for n in range(1, 102)]
    for number, latency in enumerate(latencies):
        minutes.add(503 if number == 0 else 422 if number < 4 else 200, latency)
    minutes.add_rows(300)
    minutes.add_rows(1)
    clock.later(1)
    minutes.store(log)
    assert stored(log) == [
        {
            "minute": NOON,
            "server": minutes.server,
            "requests": 101,
            "rows": 301,
            "rejected": 3,
            "errors": 1,
            "p50_ms": 51.0,
            "p99_ms": float(np.quantile(latencies, 0.99)),
        }
    ]


def test_a_quiet_minute_is_kept_as_one_in_which_the_server_was_there(
    clock: Clock, log: PredictionLog
) -> None:
    minutes = Minutes()
    minutes.add(200, 5.0)
    clock.later(3)
    minutes.add(200, 7.0)
    clock.later(1)
    minutes.store(log)
    found = stored(log)
    assert [row["minute"] for row in found] == [NOON + timedelta(minutes=n) for n in range(4)]
    assert [row["requests"] for row in found] == [1, 0, 0, 1]
    assert [row["p50_ms"] for row in found] == [5.0, None, None, 7.0]


def test_the_present_minute_waits_until_it_is_over_or_the_last(
    clock: Clock, log: PredictionLog
) -> None:
    minutes = Minutes()
    minutes.add(200, 5.0)
    minutes.store(log)
    assert stored(log) == []
    minutes.store(log, last=True)
    assert [row["requests"] for row in stored(log)] == [1]


def test_a_minute_is_stored_once(clock: Clock, log: PredictionLog) -> None:
    minutes = Minutes()
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
    minutes = Minutes()
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
    minutes = Minutes()
    clock.later(7 * 24 * 60)
    minutes.store(log)
    found = stored(log)
    assert len(found) == 24 * 60
    assert found[-1]["minute"] == clock.now - timedelta(minutes=1)


async def _answers(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["path"] == "/predict":
        status = int(scope["query_string"] or 200)
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})
    else:
        raise RuntimeError("broken")


def test_predictions_and_outcomes_are_counted_and_nothing_else(
    clock: Clock, log: PredictionLog
) -> None:
    minutes = Minutes()
    client = TestClient(counted(_answers, minutes), raise_server_exceptions=False)
    for path in ("/predict", "/predict?422", "/predict?503", "/outcomes", "/bundle", "/docs"):
        client.post(path)
    minutes.store(log, last=True)
    (row,) = stored(log)
    counts = {name: row[name] for name in ("requests", "rejected", "errors")}
    assert counts == {"requests": 4, "rejected": 1, "errors": 2}
    assert 0 < row["p50_ms"] <= row["p99_ms"]
