"""Each request is measured once: its route, its kind of error, its id, for whoever counts it."""

import asyncio
import re
from typing import Any

import pytest
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from shared.log.prediction_log import PredictionLog
from shared.serving.observability.telemetry import Telemetry
from tests.serving.observability.test_service_minutes import stored
from tests.serving.scrapes import values

MADE = re.compile("[0-9a-f]{32}")


async def _answers(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer the status that the query names, as the error that it names, or as so many rows."""
    status, _, told = scope["query_string"].decode().partition(",")
    if status == "raise":
        raise RuntimeError("broken")
    if status == "leave":
        return
    if told:
        scope["state"] |= {"rows": int(told)} if told.isdigit() else {"error": told}
    headers = [(b"content-type", b"text/plain")]
    await send({"type": "http.response.start", "status": int(status or 200), "headers": headers})
    await send({"type": "http.response.body", "body": b""})


@pytest.fixture
def telemetry() -> Telemetry:
    return Telemetry()


@pytest.fixture
def client(telemetry: Telemetry) -> TestClient:
    return TestClient(telemetry.measured(_answers), raise_server_exceptions=False)


def counted(telemetry: Telemetry, name: str) -> dict[tuple[str, ...], float]:
    """Return what a counter has counted, by its labels' values; what is zero is left out."""
    return {key: value for key, value in values(telemetry.metrics, name).items() if value}


def test_requests_are_counted_by_route_and_status_and_unknown_paths_are_one_route(
    telemetry: Telemetry, client: TestClient
) -> None:
    for path in ("/predict", "/predict", "/predict?422", "/docs", "/x?404", "/y/z?404", "/%00?404"):
        client.post(path)
    assert counted(telemetry, "millrace_requests_total") == {
        ("/predict", "200"): 2,
        ("/predict", "422"): 1,
        ("/docs", "200"): 1,
        ("other", "404"): 3,
    }


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("422", "bad_row"),
        ("401", "not_allowed"),
        ("404", "unknown_route"),
        ("413", "too_large"),
        ("418", "bad_request"),
        ("429", "rate_limited"),
        ("500", "internal"),
        ("503", "log_away"),
        ("503,refused", "refused"),
        ("503,deadline", "deadline"),
        ("raise", "internal"),
    ],
)
def test_a_request_that_is_not_answered_as_asked_is_an_error_of_its_kind(
    telemetry: Telemetry, client: TestClient, query: str, kind: str
) -> None:
    client.post(f"/predict?{query}")
    assert counted(telemetry, "millrace_errors_total") == {(kind, "/predict"): 1}


def test_a_caller_that_goes_before_its_answer_is_no_error_of_the_service(
    telemetry: Telemetry, log: PredictionLog
) -> None:
    async def never(*_: Any) -> None:
        raise AssertionError("nothing is received or sent")

    scope = {"type": "http", "path": "/predict", "query_string": b"leave", "headers": []}
    asyncio.run(telemetry.measured(_answers)(scope, never, never))
    assert counted(telemetry, "millrace_errors_total") == {("client_gone", "/predict"): 1}
    telemetry.minutes.store(log, last=True)
    (row,) = stored(log)
    assert (row["requests"], row["rejected"], row["errors"]) == (1, 1, 0)


def test_minutes_and_metrics_hear_of_the_same_requests_and_minutes_of_no_other_routes(
    telemetry: Telemetry, client: TestClient, log: PredictionLog
) -> None:
    for path in ("/predict?200,5", "/predict?200,2", "/predict?422", "/predict?503,refused"):
        client.post(path)
    client.post("/docs")
    telemetry.minutes.store(log, last=True)
    (row,) = stored(log)
    names = ("requests", "rows", "rejected", "errors", "bad_row", "refused", "log_away")
    assert [row[name] for name in names] == [4, 7, 1, 1, 1, 1, 0]
    assert 0 < row["p50_ms"] <= row["p90_ms"] <= row["p99_ms"] <= row["p999_ms"] <= row["max_ms"]
    assert counted(telemetry, "millrace_rows_predicted_total") == {(): 7}
    assert sum(counted(telemetry, "millrace_requests_total").values()) == 5


@pytest.mark.parametrize("given", ["a-1", "0af7651916cd43dd8448eb211c80319c", "Root=1-67:x/y+z."])
def test_a_short_plain_request_id_is_given_back(client: TestClient, given: str) -> None:
    assert client.post("/predict", headers={"X-Request-ID": given}).headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["", "a b", 'a"b', "a,b", "a" * 129, "\u00e4".encode(), "<b>"])
def test_any_other_request_id_is_replaced(client: TestClient, given: str | bytes) -> None:
    answer = client.post("/predict", headers={b"X-Request-ID": given})
    assert MADE.fullmatch(answer.headers["x-request-id"])


def test_requests_without_an_id_get_each_their_own(client: TestClient) -> None:
    made = {client.post("/predict").headers["x-request-id"] for _ in range(5)}
    assert len(made) == 5
    assert all(map(MADE.fullmatch, made))


def test_a_caller_s_trace_is_told_back_and_none_is_begun_without_one(client: TestClient) -> None:
    trace = "0af7651916cd43dd8448eb211c80319c"
    given = {"traceparent": f"00-{trace}-b7ad6b7169203331-01"}
    answer = client.post("/predict", headers=given)
    assert re.fullmatch(f"00-{trace}-[0-9a-f]{{16}}-00", answer.headers["traceresponse"])
    assert "traceresponse" not in client.post("/predict").headers
    assert "traceresponse" not in client.post("/predict", headers={"traceparent": "x"}).headers
