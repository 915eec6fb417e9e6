"""The doors of a server: each body that `/predict` takes, the inference protocol, and outcomes."""

import json
import re
import sqlite3
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
from fastapi.testclient import TestClient

from shared.log.prediction_log import PredictionLog
from shared.model.bundle import Bundle
from shared.model.predictor import Predictor
from shared.schema.columns import Columns
from shared.schema.contract import ColumnType
from shared.serving import app
from shared.serving.batching import Batcher
from shared.serving.log_writer import LogWriter
from shared.serving.observability.telemetry import Telemetry
from shared.serving.protocols import columnar
from shared.serving.request_rows import rows
from shared.serving.security.guard import Guard
from tests.doors.problem import Outcome, feature

AT = "2024-04-01T10:00:00Z"
NOT_IN_JSON = (Decimal, UUID, date, bytes)
INFER = "/v2/models/doors/infer"
TOLD = re.compile(r"(?P<field>\w+), row 0: (?P<words>.*) \(received .*\)", re.DOTALL)


class Server:
    """The routes of a bundle with a log, and what its model was asked last."""

    def __init__(self, bundle: Bundle, folder: Path) -> None:
        self.file = folder / "log.db"
        self._asked: list[Columns] = []
        log = PredictionLog("doors", bundle.contract, f"sqlite:///{self.file}")
        log.prepare()
        predictor, writer = Predictor(bundle), LogWriter(log, bundle.contract)

        def scored(asked: Columns) -> Columns:
            self._asked.append(asked)
            return predictor.score(asked)

        telemetry = Telemetry()
        names, form = rows.names(bundle.contract), rows.AnswerForm(bundle.contract)
        batcher = Batcher(names, scored, writer.write, form.answers, telemetry.batch)
        served = app.create_app(predictor, writer, batcher, form, telemetry.metrics, Guard())
        self._client = TestClient(telemetry.measured(served))

    def post(self, path: str, content: bytes, kind: str = "application/json") -> httpx.Response:
        return self._client.post(path, content=content, headers={"content-type": kind})

    def asked(self, name: str) -> Any:
        """Return what the model was asked last, of one row, in a column."""
        (value,) = self._asked.pop()[name]
        return value


def json_body(server: Server, kind: ColumnType, value: Any) -> Outcome:
    row = {"id": "a", "at": AT, feature(kind): value}
    answer = server.post("/predict", json.dumps(row).encode())
    return _answered(server, feature(kind), answer)


def arrow_body(server: Server, kind: ColumnType, value: Any) -> Outcome:
    table = one_row(kind, value)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    content = sink.getvalue().to_pybytes()
    answer = server.post("/predict", content, columnar.ARROW.decode())
    return _answered(server, feature(kind), answer)


def parquet_body(server: Server, kind: ColumnType, value: Any) -> Outcome:
    sink = pa.BufferOutputStream()
    pq.write_table(one_row(kind, value), sink)
    content = sink.getvalue().to_pybytes()
    answer = server.post("/predict", content, columnar.PARQUET.decode())
    return _answered(server, feature(kind), answer)


def inference(server: Server, kind: ColumnType, value: Any) -> Outcome:
    sent = {"id": "a", "at": AT, feature(kind): value}
    inputs = [
        {"name": name, "shape": [1], "datatype": _datatype(held), "data": [held]}
        for name, held in sent.items()
    ]
    answer = server.post(INFER, json.dumps({"inputs": inputs}).encode())
    if answer.status_code == 200:
        return server.asked(feature(kind)), None
    told = TOLD.fullmatch(answer.json()["error"])
    assert told, answer.text
    assert told["field"] == feature(kind)
    return None, told["words"]


def outcome(server: Server, kind: ColumnType, value: Any) -> Outcome:
    """Send a value as a key where it is a text, and as a target where it is a boolean."""
    field, row = {"text": ("id", {"id": value, "hit": True})}.get(
        kind, ("hit", {"id": "a", "hit": value})
    )
    with sqlite3.connect(server.file) as database:
        # An outcome that stands already adds nothing.
        database.execute("DELETE FROM doors_outcomes")
    answer = server.post("/outcomes", json.dumps(row).encode())
    if answer.status_code != 200:
        return None, _words(answer, field)
    with sqlite3.connect(server.file) as database:
        key, label = database.execute("SELECT key, value FROM doors_outcomes").fetchone()
    return (key if field == "id" else bool(label)), None


SERVING: Mapping[str, Callable[[Server, ColumnType, Any], Outcome]] = {
    "JSON": json_body,
    "Arrow": arrow_body,
    "Parquet": parquet_body,
    "inference protocol": inference,
    "outcomes": outcome,
}


def _answered(server: Server, field: str, answer: httpx.Response) -> Outcome:
    if answer.status_code != 200:
        return None, _words(answer, field)
    return server.asked(field), None


def _words(answer: httpx.Response, field: str) -> str:
    (error,) = answer.json()["detail"]
    assert error["field"] == field
    return str(error["problem"])


def one_row(kind: ColumnType, value: Any) -> pa.Table:
    """Return a table of one row with a value in the feature of a type."""
    if isinstance(value, UUID):
        held = pa.array([value.bytes], pa.uuid())
    elif isinstance(value, int) and value >= 2**63:
        held = pa.array([value], pa.uint64() if value < 2**64 else pa.decimal128(38, 0))
    else:
        held = pa.array([value])
    return pa.table({"id": ["a"], "at": [AT], feature(kind): held})


def _datatype(value: Any) -> str:
    if isinstance(value, bool):
        return "BOOL"
    if isinstance(value, int):
        return "UINT64" if 2**63 <= value < 2**64 else "INT64"
    return "FP64" if isinstance(value, float) else "BYTES"
