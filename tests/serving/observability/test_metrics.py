"""What is counted beside requests: batches, the log, bundles, and several processes together."""

import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from shared.log.spool import Depth
from shared.serving.observability.metrics import Metrics
from tests.serving.scrapes import values

ROLES = ["champion", "champion", "canary"]
NONE_WAIT = Depth(0, None)


def named(digest: str) -> Any:
    return SimpleNamespace(digest=digest, manifest=SimpleNamespace(name="loans"))


def test_rows_are_counted_by_role_and_place_once_they_are_durable() -> None:
    metrics = Metrics()
    with metrics.writing("database", ROLES):
        assert values(metrics, "millrace_log_rows_total") == {}
    with pytest.raises(OSError, match="away"), metrics.writing("database", ROLES):
        raise OSError("away")
    with metrics.writing("spool", ROLES[:1]):
        pass
    assert values(metrics, "millrace_log_rows_total") == {
        ("database", "champion"): 2,
        ("database", "canary"): 1,
        ("spool", "champion"): 1,
    }
    counts = values(metrics, "millrace_log_write_duration_seconds_count")
    assert counts == {("database",): 1, ("spool",): 1}


def test_requests_counted_together_count_as_each_by_itself() -> None:
    seconds = [0.0, 0.001, 0.0011, 0.25, 0.3, 10.0, 60.0, 0.001]
    alone, together = Metrics(), Metrics()
    for each in seconds:
        alone.request("/predict", 200, each)
        alone.rows.inc(2)
    together.count_answered("/predict", seconds, 2 * len(seconds))
    for name in (
        "millrace_requests_total",
        "millrace_rows_predicted_total",
        "millrace_request_duration_seconds_bucket",
        "millrace_request_duration_seconds_count",
    ):
        assert values(together, name) == values(alone, name)
    sums = values(together, "millrace_request_duration_seconds_sum")
    assert sums == pytest.approx(values(alone, "millrace_request_duration_seconds_sum"))


def test_the_lag_is_how_long_the_oldest_row_waits_for_the_database() -> None:
    metrics = Metrics()

    def lag(depth: Depth) -> float:
        metrics.wait(0, depth, 100, log_up=True)
        return values(metrics, "millrace_log_lag_seconds")[()]

    assert lag(NONE_WAIT) == 0
    with metrics.writing("database", ROLES):
        time.sleep(0.02)
        assert 0.02 <= lag(NONE_WAIT) < 10
    assert lag(NONE_WAIT) == 0
    assert 300 <= lag(Depth(7, datetime.now(UTC) - timedelta(minutes=5))) < 310


def test_what_waits_is_told_with_the_room_there_is_and_whether_the_log_is_up() -> None:
    metrics = Metrics()
    assert values(metrics, "millrace_log_up") == {(): 1}
    metrics.wait(12, Depth(7, datetime.now(UTC)), 100, log_up=False)
    names = ("queue_rows", "spool_rows", "spool_limit_rows", "log_up")
    assert [values(metrics, f"millrace_{name}")[()] for name in names] == [12, 7, 100, 0]


def test_a_bundle_that_is_served_no_longer_is_told_as_zero() -> None:
    metrics = Metrics()
    metrics.serve({"champion": named("d1"), "challenger": named("d2")})
    metrics.serve({"champion": named("d2")})
    assert values(metrics, "millrace_bundle_info") == {
        ("d1", "loans", "champion"): 0,
        ("d2", "loans", "challenger"): 0,
        ("d2", "loans", "champion"): 1,
    }


def test_the_sizes_of_batches_and_what_became_of_shadow_rows_are_counted() -> None:
    metrics = Metrics()
    for rows in (1, 3, 5_000):
        metrics.batch_rows.observe(rows)
    metrics.shadow("scored", 4)
    metrics.shadow("dropped", 1)
    buckets = values(metrics, "millrace_batch_rows_bucket")
    assert [buckets[le,] for le in ("1.0", "2.0", "4.0", "4096.0", "+Inf")] == [1, 1, 2, 2, 3]
    assert values(metrics, "millrace_shadow_rows_total") == {
        ("scored",): 4,
        ("dropped",): 1,
        ("failed",): 0,
    }
