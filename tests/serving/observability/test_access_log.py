"""The access log: what a line says, and that neither slow readers nor odd requests spoil it."""

import json
import os
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from shared.serving.observability.access_log import AccessLog, LogFormat
from shared.serving.observability.telemetry import Telemetry

ANSWERED = {"request_id": "r1", "rows": 3, "prediction_id": "p1", "api_key_name": "bank"}
ANSWERED |= {"trace_id": "0af7651916cd43dd8448eb211c80319c"}


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    ends = os.pipe()
    yield ends
    os.close(ends[0])


def request(path: bytes = b"/predict", **state: Any) -> Scope:
    return {"method": "POST", "raw_path": path, "client": ("10.0.0.7", 5123), "state": state}


def written(
    pipe: tuple[int, int], form: LogFormat, *requests: tuple[Scope, int, float], most: int = 100
) -> list[str]:
    """Return the lines that a log has written of requests when it is closed."""
    log = AccessLog(form, pipe[1], most)
    for scope, status, milliseconds in requests:
        log.add(scope, status, milliseconds)
    log.close()
    os.close(pipe[1])
    with open(pipe[0], closefd=False) as read:
        return read.read().splitlines()


def test_a_line_of_json_names_the_request_its_answer_and_its_caller(pipe: tuple[int, int]) -> None:
    before = datetime.now(UTC)
    (line,) = written(pipe, "json", (request(**ANSWERED), 200, 1.23456))
    told = json.loads(line)
    assert (datetime.fromisoformat(told.pop("time")) - before).total_seconds() < 5
    assert told == {
        "request_id": "r1",
        "method": "POST",
        "path": "/predict",
        "status": 200,
        "milliseconds": 1.235,
        "client": "10.0.0.7",
        "rows": 3,
        "prediction_id": "p1",
        "api_key_name": "bank",
        "trace_id": "0af7651916cd43dd8448eb211c80319c",
    }


def test_a_line_of_text_leaves_out_what_is_not_known(pipe: tuple[int, int]) -> None:
    nobody = request(b"/x", request_id="r2") | {"client": None}
    lines = written(pipe, "text", (request(**ANSWERED), 200, 1.23456), (nobody, 404, 0.5))
    assert [line.partition("Z ")[2] for line in lines] == [
        "200 POST /predict request_id=r1 milliseconds=1.235 client=10.0.0.7 rows=3 "
        "prediction_id=p1 api_key_name=bank trace_id=0af7651916cd43dd8448eb211c80319c",
        "404 POST /x request_id=r2 milliseconds=0.5",
    ]


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize(
    ("path", "key"),
    [(b"/a\r\n20", "two\nlines"), (b'/"q"\x1b[2J', 'quoted " name'), (b"/\xff\xc3", "\u00e4")],
)
def test_a_request_is_one_printable_line_whatever_it_asked(
    pipe: tuple[int, int], form: LogFormat, path: bytes, key: str
) -> None:
    (line,) = written(pipe, form, (request(path, api_key_name=key), 404, 1.0))
    assert line.isprintable()
    if form == "json":
        assert json.loads(line)["api_key_name"] == key


def test_an_endless_path_is_cut(pipe: tuple[int, int]) -> None:
    (line,) = written(pipe, "text", (request(b"/" + b"a" * 60_000), 404, 1.0))
    assert len(line) < 1_200


def test_lines_are_there_within_a_second_of_the_answer(pipe: tuple[int, int]) -> None:
    log = AccessLog("text", pipe[1])
    log.add(request(), 200, 1.0)
    began = time.monotonic()
    assert b"200 POST /predict" in os.read(pipe[0], 1_000)
    assert time.monotonic() - began < 1
    log.close()
    os.close(pipe[1])


def test_what_a_reader_is_too_slow_for_is_left_out_and_counted(
    pipe: tuple[int, int],
) -> None:
    lines = written(pipe, "text", *[(request(), 200, 1.0)] * 15, most=10)
    assert len(lines) == 11
    assert lines[-1] == "the access log has left out 5 requests"


def test_a_reader_that_is_gone_holds_nothing_up() -> None:
    read, write = os.pipe()
    os.close(read)
    log = AccessLog("json", write)
    log.add(request(), 200, 1.0)
    log.close()
    log.add(request(), 200, 1.0)
    os.close(write)


async def _answers(scope: Scope, receive: Receive, send: Send) -> None:
    scope["state"] |= {"rows": 1, "prediction_id": "p1"}
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"an answer"})


def test_neither_a_body_nor_a_key_nor_a_query_is_written(capfd: pytest.CaptureFixture[str]) -> None:
    telemetry = Telemetry("json")
    headers = {"authorization": "Bearer s3cret", "x-api-key": "s3cret", "cookie": "k=s3cret"}
    client = TestClient(telemetry.measured(_answers))
    answer = client.post("/predict?key=s3cret", json={"name": "s3cret"}, headers=headers)
    telemetry.close()
    line = capfd.readouterr().err
    assert json.loads(line)["request_id"] == answer.headers["x-request-id"]
    assert json.loads(line)["prediction_id"] == "p1"
    assert "s3cret" not in line
    assert "answer" not in line
