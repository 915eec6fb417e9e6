"""Spans arrive at a collector, one for each request and batch; without an address nothing is."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from starlette.testclient import TestClient

from shared.errors import Refusal
from shared.log.prediction_log import PredictionLog
from shared.model.bundle import Bundle
from shared.serving.deployment import ServingOptions
from shared.serving.observability.spans import Spans
from shared.serving.observability.telemetry import Telemetry
from shared.serving.server import spans_of
from tests.commands import refused
from tests.serving.conftest import LOAN, application
from tests.serving.processes import serving

TRACE, CALLER = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
SENT = {"traceparent": f"00-{TRACE}-{CALLER}-01", "tracestate": "shop=42"}


class Collector:
    """Takes spans as OTLP over HTTP, and keeps them as dicts."""

    def __init__(self) -> None:
        self.spans: list[dict[str, Any]] = []
        self.resources: list[dict[str, Any]] = []
        self.paths: set[str] = set()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def of(self, name: str, many: int = 1) -> list[dict[str, Any]]:
        """Return the spans of a name, once there are as many."""
        until = time.monotonic() + 20
        while time.monotonic() < until:
            if len(found := [span for span in self.spans if span["name"] == name]) >= many:
                return found
            time.sleep(0.05)
        raise AssertionError(f"no {name!r} in {self.spans}")

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                collector.paths.add(self.path)
                for part in ExportTraceServiceRequest.FromString(body).resource_spans:
                    collector.resources.append(_attributes(part.resource.attributes))
                    collector.spans += [
                        _plain(s) for scope in part.scope_spans for s in scope.spans
                    ]
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *words: Any) -> None:
                pass

        return Handler


def _plain(span: Any) -> dict[str, Any]:
    return {
        "name": span.name,
        "trace": span.trace_id.hex(),
        "id": span.span_id.hex(),
        "parent": span.parent_span_id.hex(),
        "state": span.trace_state,
        "kind": span.kind,
        "failed": span.status.code == 2,
        "nanoseconds": span.end_time_unix_nano - span.start_time_unix_nano,
        "links": sorted(link.span_id.hex() for link in span.links),
        **_attributes(span.attributes),
    }


def _attributes(given: Any) -> dict[str, Any]:
    return {a.key: getattr(a.value, a.value.WhichOneof("value")) for a in given}


@pytest.fixture
def collector() -> Iterator[Collector]:
    held = Collector()
    thread = threading.Thread(target=held.server.serve_forever)
    thread.start()
    yield held
    held.server.shutdown()
    thread.join()
    held.server.server_close()


def test_a_request_s_span_says_what_was_asked_and_answered_in_its_caller_s_trace(
    bundle: Bundle, log: PredictionLog, collector: Collector
) -> None:
    telemetry = Telemetry(spans=Spans(collector.url, "loans"))
    client = TestClient(application(bundle, log, telemetry))
    answer = client.post("/predict", json=LOAN, headers=SENT | {"x-request-id": "r1"})
    telemetry.close()
    (span,) = collector.of("POST /predict")
    assert span.pop("nanoseconds") > 0
    assert span == {
        "name": "POST /predict",
        "trace": TRACE,
        "id": answer.headers["traceresponse"].split("-")[2],
        "parent": CALLER,
        "state": "shop=42",
        "kind": 2,
        "failed": False,
        "links": [],
        "http.request.method": "POST",
        "http.route": "/predict",
        "http.response.status_code": 200,
        "millrace.request_id": "r1",
        "millrace.rows": 1,
        "millrace.prediction_id": answer.json()["prediction_id"],
    }
    assert answer.headers["traceresponse"] == f"00-{TRACE}-{span['id']}-01"
    (batch,) = collector.of("batch")
    assert (batch["trace"], batch["parent"]) == (TRACE, span["id"])
    assert (batch["millrace.rows"], batch["millrace.requests"], batch["millrace.failed"]) == (
        1,
        1,
        0,
    )
    assert collector.resources[0]["service.name"] == "loans"
    assert collector.paths == {"/v1/traces"}


def test_a_batch_of_several_requests_is_linked_to_each(
    bundle: Bundle, collector: Collector, tmp_path: Path
) -> None:
    words = ("--bundle", str(bundle.path), "--otlp", collector.url)
    with serving(tmp_path, *words) as running, ThreadPoolExecutor(16) as pool:

        def ask(number: int) -> httpx.Response:
            return running.client.post("/predict", json=LOAN | {"loan": f"L{number}"})

        answers = list(pool.map(ask, range(200)))
        running.process.terminate()
        running.process.wait(20)
    requests = {span["id"] for span in collector.of("POST /predict", 200)}
    assert {answer.headers["traceresponse"].split("-")[2] for answer in answers} == requests
    batches = collector.of("batch")
    assert sum(batch["millrace.rows"] for batch in batches) == 200
    several = [batch for batch in batches if batch["millrace.requests"] > 1]
    assert several
    for batch in several:
        assert len(batch["links"]) == batch["millrace.requests"]
        assert requests.issuperset(batch["links"])
        assert batch["parent"] == ""


def test_what_a_caller_does_not_record_is_not_recorded(
    bundle: Bundle, log: PredictionLog, collector: Collector
) -> None:
    telemetry = Telemetry(spans=Spans(f"{collector.url}/v1/traces", "loans"))
    client = TestClient(application(bundle, log, telemetry))
    answer = client.post("/predict", json=LOAN, headers={"traceparent": f"00-{TRACE}-{CALLER}-00"})
    assert answer.headers["traceresponse"].startswith(f"00-{TRACE}-")
    assert answer.headers["traceresponse"].endswith("-00")
    client.get("/health/live")
    telemetry.close()
    collector.of("GET /health/live")
    assert [span["name"] for span in collector.spans] == ["GET /health/live"]


def test_a_request_that_is_not_answered_as_asked_says_why(
    bundle: Bundle, log: PredictionLog, collector: Collector
) -> None:
    telemetry = Telemetry(spans=Spans(collector.url, "loans"))
    client = TestClient(application(bundle, log, telemetry))
    client.post("/predict", json={"loan": 3})
    client.get("/no/such/path")
    telemetry.close()
    (span,) = collector.of("POST /predict")
    assert (span["http.response.status_code"], span["failed"]) == (422, False)
    assert collector.of("GET other")[0]["http.response.status_code"] == 404


def test_a_collector_that_is_away_holds_nothing_up(bundle: Bundle, log: PredictionLog) -> None:
    telemetry = Telemetry(spans=Spans("http://127.0.0.1:9", "loans"))
    client = TestClient(application(bundle, log, telemetry))
    assert client.post("/predict", json=LOAN).status_code == 200
    began = time.monotonic()
    telemetry.close()
    assert time.monotonic() - began < 10


def test_the_address_is_the_command_s_or_that_of_the_bundle_s_settings(
    bundle: Bundle, tmp_path: Path
) -> None:
    assert spans_of(bundle, ServingOptions()) is None
    assert spans_of(bundle, ServingOptions(otlp="")) is None
    with pytest.raises(Refusal, match="--otlp"):
        spans_of(bundle, ServingOptions(otlp="collector:4318"))
    assert "--otlp" in refused(tmp_path, "serve", "--bundle", str(bundle.path), "--otlp", "ftp://x")


IMPORTED = """
import sys
from shared.serving import server
from shared.serving.observability import telemetry
telemetry.Telemetry()
print([m for m in sys.modules if m.startswith(("opentelemetry.sdk", "opentelemetry.exporter"))])
"""


def test_without_an_address_nothing_of_the_exporter_is_imported() -> None:
    run = subprocess.run([sys.executable, "-c", IMPORTED], capture_output=True, check=True)
    assert json.loads(run.stdout) == []
