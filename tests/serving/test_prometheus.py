"""A real Prometheus reads a real server of two processes, which also writes its access log."""

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from shared.model.bundle import Bundle
from tests import prometheus
from tests.conftest import ROOT
from tests.prometheus import wait_until
from tests.serving.processes import LOAN, Running, serving

pytestmark = [
    pytest.mark.flow,
    pytest.mark.skipif(
        not prometheus.binary("prometheus"),
        reason="Prometheus is not installed (Debian: apt-get install prometheus)",
    ),
]


def test_prometheus_tells_what_was_asked_of_all_workers_and_who_is_down(
    bundle: Bundle, tmp_path: Path
) -> None:
    words = ("--bundle", str(bundle.path), "--workers", "2", "--access-log", "json")
    rules = ROOT / "docs" / "alerts.yml"
    with serving(tmp_path, *words) as running:
        target = running.url.removeprefix("http://").rstrip("/")
        with prometheus.running(tmp_path, target, rules) as scraper:
            number = scraper.number
            wait_until(lambda: number("count(millrace_worker_start_time_seconds)") == 2)
            ids = [
                running.client.post("/predict", json=LOAN).json()["prediction_id"]
                for _ in range(20)
            ]
            many = running.client.post("/predict", json=[LOAN] * 3).json()
            running.client.post("/predict", json={}, headers={"X-Request-ID": "mine"})
            requests = 'sum by (status) (millrace_requests_total{route="/predict"} > 0)'
            wait_until(lambda: counts(scraper, requests) == {"200": 21, "422": 1})
            assert number("millrace_rows_predicted_total") == 23
            assert number('millrace_log_rows_total{role="champion",place="database"}') == 23
            assert number('millrace_errors_total{kind="bad_row"}') == 1
            assert number(f'millrace_bundle_info{{digest="{bundle.digest}",name="loans"}}') == 1
            assert number("sum(process_resident_memory_bytes)") > 1e7
            assert {rule["health"] for rule in scraper.rules()} <= {"ok", "unknown"}
            lines = ended(running)
            wait_until(lambda: number('ALERTS{alertname="MillraceDown"}') == 1)
    asked = {line["request_id"]: line for line in lines if line["path"] == "/predict"}
    refused = asked.pop("mine")
    assert (refused["status"], refused["rows"], refused["prediction_id"]) == (422, None, None)
    told = [(line["prediction_id"], line["rows"]) for line in asked.values()]
    assert sorted(told) == sorted([*((one, 1) for one in ids), (many[0]["prediction_id"], 3)])
    assert {line["status"] for line in asked.values()} == {200}
    assert all(0 < line["milliseconds"] < 10_000 for line in asked.values())


def counts(scraper: prometheus.Prometheus, expression: str) -> dict[str, float]:
    found = scraper.query(expression)
    return {row["metric"]["status"]: float(row["value"][1]) for row in found}


def ended(running: Running) -> list[dict[str, Any]]:
    """End a server, and return the lines of its access log."""
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(20) == 0
    assert running.process.stdout
    return [json.loads(line) for line in running.process.stdout]
