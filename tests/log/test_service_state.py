"""How a service does now, by the last hour of its minutes."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from shared.log import service_state
from shared.log.prediction_log import PredictionLog
from shared.log.refused_rows import BODY, RowFault, refused_rows
from tests.log.loans import contract


def minute(at: datetime, **counts: float) -> dict[str, object]:
    """Return the service minute of a moment."""
    when = {"minute": at, "server": "one"}
    zeros = dict.fromkeys(("requests", "rows", "rejected", "errors"), 0)
    return when | zeros | {"p50_ms": 1.0, "p99_ms": 2.0} | counts


def test_only_the_last_hour_is_added_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert service_state.read("loans") is None
    log = PredictionLog("loans", contract({"age": "integer"}))
    assert service_state.read("loans") is None
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    log.minutes.add(
        [
            minute(now - timedelta(minutes=90), requests=1_000, errors=9),
            minute(now - timedelta(minutes=40), requests=10, errors=1, rejected=2, p99_ms=7.5),
            minute(now - timedelta(minutes=1), requests=5),
        ]
    )
    log.close()
    found = service_state.read("loans")
    assert found
    assert (found.requests, found.errors, found.rejected, found.p99_ms) == (15, 1, 2, 7.5)
    assert found.at == now - timedelta(minutes=1)
    assert not found.is_silent
    assert found.worst == ""


def test_what_was_wrong_in_most_of_the_rows_or_outcomes_that_were_refused_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    log = PredictionLog("loans", contract({"age": "integer"}))
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    for at, age, body in ((1, 700, 9), (2, 800, 0), (70, 0, 90_000)):
        faults = {("age", "missing"): RowFault(age), BODY: RowFault(body)}
        text = refused_rows(age, faults).text()
        log.minutes.add([minute(now - timedelta(minutes=at)) | {"row_faults": text}])
    log.close()
    found = service_state.read("loans")
    assert found
    assert found.worst == "age: missing in 1,500 rows"
    log = PredictionLog("loans", contract({"age": "integer"}))
    text = refused_rows(2_000, {("defaulted", "not a boolean"): RowFault(2_000)}).text()
    log.minutes.add([minute(now - timedelta(minutes=3)) | {"outcome_faults": text}])
    log.close()
    found = service_state.read("loans")
    assert found
    assert found.worst == "defaulted: not a boolean in 2,000 outcomes"
