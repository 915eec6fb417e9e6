"""A bad request is answered with the row, the field and the problem, and its rows are counted."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fastapi.testclient import TestClient

from shared.log.prediction_log import PredictionLog
from shared.log.refused_rows import RowFault, faults_of
from shared.model.bundle import Bundle
from shared.packaging import sample_requests
from shared.serving.observability import service_minutes
from shared.serving.observability.telemetry import Telemetry
from shared.serving.protocols.columnar import ARROW, PARQUET
from tests.serving.conftest import JSON, LOAN, application, errors_of, logged
from tests.serving.observability.test_service_minutes import stored

OUTSIDE, NO_NUMBER = ("age", "outside 18 to 120"), ("income", "not a number")
NO_BOOLEAN = ("defaulted", "not a boolean")
UNKNOWN, BODY = ("", "not a name of a row"), ("", "not readable as rows")
# What a sender of rows is asked for its body, and its headers.
Send = Callable[[TestClient, list[dict[str, Any]]], int]


@pytest.fixture(autouse=True)
def _in_one_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a test's requests be counted together, whenever it is run."""
    minute = service_minutes._this_minute()
    monkeypatch.setattr(service_minutes, "_this_minute", lambda: minute)


def _json(client: TestClient, rows: list[dict[str, Any]]) -> int:
    return client.post("/predict", json=rows).status_code


def _table(rows: list[dict[str, Any]]) -> pa.Table:
    moment = datetime(2024, 4, 1, 8, tzinfo=UTC)
    return pa.Table.from_pylist([row | {"applied": moment} for row in rows])


def _arrow(client: TestClient, rows: list[dict[str, Any]]) -> int:
    sink, table = pa.BufferOutputStream(), _table(rows)
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    headers = {"content-type": ARROW.decode()}
    return client.post(
        "/predict", content=sink.getvalue().to_pybytes(), headers=headers
    ).status_code


def _parquet(client: TestClient, rows: list[dict[str, Any]]) -> int:
    sink = pa.BufferOutputStream()
    pq.write_table(_table(rows), sink)
    headers = {"content-type": PARQUET.decode()}
    return client.post(
        "/predict", content=sink.getvalue().to_pybytes(), headers=headers
    ).status_code


def _tensors(client: TestClient, rows: list[dict[str, Any]]) -> int:
    kinds = {str: "BYTES", float: "FP64", int: "INT64", bool: "BOOL"}
    inputs = [
        {
            "name": name,
            "shape": [len(rows)],
            "datatype": kinds[type(rows[0][name])],
            "data": [row[name] for row in rows],
        }
        for name in rows[0]
        if name != "guarantee"
    ]
    return client.post("/v2/models/loans/infer", json={"inputs": inputs}).status_code


def test_one_bad_row_of_many_is_named_and_nothing_is_answered_or_logged(
    client: TestClient, log: PredictionLog
) -> None:
    found = errors_of(client, [LOAN, LOAN | {"age": 17, "income": "much"}, LOAN])
    assert found == [
        {
            "row": 1,
            "field": "income",
            "problem": "not a number",
            "received": "'much'",
        },
        {
            "row": 1,
            "field": "age",
            "problem": "outside 18 to 120",
            "received": "17",
        },
    ]
    assert logged(log).empty


def test_every_kind_of_bad_request_is_a_4xx_that_names_the_field(
    client: TestClient, log: PredictionLog, bundle: Bundle
) -> None:
    kinds = list(sample_requests.bad(LOAN, bundle.contract))
    assert len(kinds) >= 10
    for kind, field, body in kinds:
        answer = client.post("/predict", content=body, headers=JSON)
        assert 400 <= answer.status_code < 600, kind
        assert field in [mistake["field"] for mistake in answer.json()["detail"]], kind
    assert logged(log).empty


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "application/json"),
        (b"null", "application/json"),
        (b"\xff\xfe\x00", "application/json"),
        (b"9" * 5_000, "application/json"),
        (b"income=1", "application/x-www-form-urlencoded"),
        (json.dumps(LOAN).encode(), "text/plain"),
    ],
)
def test_a_body_that_is_no_row_is_refused_as_a_body(
    client: TestClient, body: bytes, kind: str
) -> None:
    answer = client.post("/predict", content=body, headers={"content-type": kind})
    assert answer.status_code in (400, 422)
    assert "body" in answer.text


def test_a_field_is_named_whatever_it_is_called(client: TestClient) -> None:
    for name in ("one", "many", "body"):
        (found,) = errors_of(client, [LOAN | {name: 1}])
        assert (found["row"], found["field"]) == (0, name)


@pytest.mark.parametrize("path", ["/predict", "/outcomes"])
def test_a_hundred_errors_are_sent_at_most(client: TestClient, path: str) -> None:
    assert len(errors_of(client, [{}] * 5_000 + [{str(at): 1} for at in range(200)], path)) == 100


@pytest.mark.parametrize("send", [_json, _arrow, _parquet, _tensors])
def test_rows_are_counted_by_what_was_wrong_at_every_door(
    send: Send, log: PredictionLog, bundle: Bundle
) -> None:
    telemetry = Telemetry()
    client = TestClient(application(bundle, log, telemetry))
    some = [LOAN | {"loan": f"A{at}", "age": 17 if at < 3 else 40} for at in range(10)]
    assert send(client, some) in (400, 422)
    assert send(client, [row | {"surname": "x"} for row in some[5:]]) in (400, 422)
    telemetry.minutes.store(log)
    (minute,) = stored(log)
    assert (minute["refused_rows"], faults_of(minute["row_faults"])) == (
        15,
        {OUTSIDE: RowFault(3, "17"), UNKNOWN: RowFault(5, "'surname'")},
    )
    refused = telemetry.metrics.registry.get_sample_value("millrace_rows_refused_total")
    assert refused == 15


def test_all_rows_of_a_large_body_are_counted_and_faults_as_far_as_it_was_looked_at(
    log: PredictionLog, bundle: Bundle
) -> None:
    telemetry = Telemetry()
    client = TestClient(application(bundle, log, telemetry))
    rows = [LOAN | {"loan": f"A{at}", "income": "much"} for at in range(3_000)]
    assert client.post("/predict", json=rows).status_code == 422
    telemetry.minutes.store(log)
    (minute,) = stored(log)
    assert minute["refused_rows"] == 3_000
    assert faults_of(minute["row_faults"]) == {NO_NUMBER: RowFault(1_000, "'much'")}


def test_a_body_that_nobody_understands_counts_as_a_row_with_the_reason(
    log: PredictionLog, bundle: Bundle
) -> None:
    telemetry = Telemetry()
    client = TestClient(application(bundle, log, telemetry))
    for body in (b"nothing", b"[]", b"{"):
        client.post("/predict", content=body, headers=JSON)
    client.post("/predict", content=b"x", headers={"content-type": ARROW.decode()})
    client.post("/v2/models/loans/infer", content=b"nothing", headers=JSON)
    telemetry.minutes.store(log)
    (minute,) = stored(log)
    why = "the body is not JSON: Expecting value: line 1 column 1 (char"
    assert (minute["refused_rows"], faults_of(minute["row_faults"])) == (
        5,
        {BODY: RowFault(5, f"{why}…")},
    )


def test_outcomes_and_other_routes_are_no_rows_that_were_refused(
    log: PredictionLog, bundle: Bundle
) -> None:
    telemetry = Telemetry()
    client = TestClient(application(bundle, log, telemetry))
    client.post("/outcomes", json={"loan": "A1", "defaulted": "perhaps"})
    client.post("/explain", json={"loan": "A1"})
    client.post("/predict", json=LOAN)
    telemetry.minutes.store(log)
    (minute,) = stored(log)
    assert (minute["refused_rows"], minute["row_faults"]) == (0, None)
    assert minute["refused_outcomes"] == 1


def test_outcomes_are_counted_by_what_was_wrong(log: PredictionLog, bundle: Bundle) -> None:
    telemetry = Telemetry()
    client = TestClient(application(bundle, log, telemetry))
    right, wrong = {"loan": "A1", "defaulted": True}, {"loan": "A2", "defaulted": "perhaps"}
    given: list[Any] = [right, [right, wrong], wrong, {"loan": "A3"}, [right | {"age": 40}], []]
    statuses = [client.post("/outcomes", json=outcomes).status_code for outcomes in given]
    assert statuses == [200, 422, 422, 422, 422, 422]
    telemetry.minutes.store(log)
    (minute,) = stored(log)
    assert (minute["refused_outcomes"], faults_of(minute["outcome_faults"])) == (
        6,
        {
            NO_BOOLEAN: RowFault(2, "'perhaps'"),
            ("defaulted", "missing"): RowFault(1),
            UNKNOWN: RowFault(1, "'age'"),
            BODY: RowFault(1, "there are no rows"),
        },
    )
    refused = telemetry.metrics.registry.get_sample_value("millrace_outcomes_refused_total")
    assert refused == 6


def test_whatever_callers_make_up_there_are_no_more_counts_than_columns_have_rules(
    log: PredictionLog, bundle: Bundle
) -> None:
    telemetry = Telemetry()
    client = TestClient(application(bundle, log, telemetry))
    for at in range(200):
        made_up = {f"name-{at}-{n}": "x" * 50 for n in range(20)}
        client.post("/predict", json=LOAN | made_up | {"age": -at - 1, "region": ["y" * at]})
    client.post("/predict", content=json.dumps([{"\ud800": 1}]), headers=JSON)
    telemetry.minutes.store(log)
    (minute,) = stored(log)
    faults = faults_of(minute["row_faults"])
    assert minute["refused_rows"] == 201
    assert {*faults} == {
        UNKNOWN,
        OUTSIDE,
        ("region", "not a text"),
        *((name, "missing") for name in ("loan", "applied", "age", "region", "employed")),
    }
    assert len(minute["row_faults"]) < 500
    page = client.get("/metrics").text
    assert "name-" not in page
