"""Rows as an Arrow stream or a Parquet file: answered, logged and refused as those of JSON are."""

import io
import json
import struct
from collections.abc import Callable
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from starlette.testclient import TestClient

from shared.log.prediction_log import PredictionLog
from shared.model.bundle import Bundle
from shared.schema.client_rows import client_rows
from shared.serving.protocols import columnar
from tests.conftest import loans
from tests.serving.conftest import logged

ARROW, PARQUET, JSON = columnar.ARROW.decode(), columnar.PARQUET.decode(), "application/json"
Changed = Callable[[pd.DataFrame], pd.DataFrame]


def stream(table: pa.Table, compression: str | None = None, chunk: int = 700) -> bytes:
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression=compression)
    with pa.ipc.new_stream(sink, table.schema, options=options) as written:
        written.write_table(table, max_chunksize=chunk)
    return sink.getvalue().to_pybytes()


def parquet(table: pa.Table, **options: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, row_group_size=900, **options)
    return sink.getvalue()


def asked(rows: int = 2_500) -> pd.DataFrame:
    return loans(rows, seed=5).drop(columns="defaulted")


WRITTEN = {ARROW: stream, PARQUET: parquet}


def read(content: bytes, kind: str) -> pa.Table:
    if kind == PARQUET:
        return pq.read_table(io.BytesIO(content))
    return pa.ipc.open_stream(content).read_all()


@pytest.mark.parametrize("kind", WRITTEN)
def test_a_table_is_answered_in_its_order_and_kind_and_logged_as_json_is(
    client: TestClient, log: PredictionLog, bundle: Bundle, kind: str
) -> None:
    frame = asked()
    frame["region"] = frame["region"].astype("category")
    body = WRITTEN[kind](pa.Table.from_pandas(frame))
    answer = client.post("/predict", content=body, headers={"content-type": kind})
    assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
    given = read(answer.content, kind).to_pandas()
    many = client_rows(frame, bundle.contract)
    expected = client.post("/predict", json=many).json()
    same = ["key", "prediction", "probability", "bundle"]
    assert given[same].to_dict("records") == pd.DataFrame(expected)[same].to_dict("records")
    by_id = logged(log).set_index("prediction_id").drop(columns=["logged_at", "latency_ms"])
    as_table = by_id.loc[given["prediction_id"]].reset_index(drop=True)
    as_json = by_id.loc[[row["prediction_id"] for row in expected]].reset_index(drop=True)
    pd.testing.assert_frame_equal(as_table, as_json)


@pytest.mark.parametrize(
    ("accept", "kind"),
    [(PARQUET, PARQUET), ("text/html, application/json;q=0.9", JSON), ("*/*", ARROW)],
)
def test_the_answer_has_the_kind_that_is_asked_for(
    client: TestClient, accept: str, kind: str
) -> None:
    headers = {"content-type": ARROW, "accept": accept}
    body = stream(pa.Table.from_pandas(asked(3)))
    answer = client.post("/predict", content=body, headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (200, kind)
    keys = answer.json() if kind == JSON else read(answer.content, kind).to_pylist()
    assert [row["key"] for row in keys] == list(asked(3)["loan"])


@pytest.mark.parametrize(
    ("changed", "row", "field"),
    [
        (lambda f: f.assign(more=1), 0, "more"),
        (lambda f: f.drop(columns="employed"), 0, "employed"),
        (lambda f: f.assign(age=f["age"].where(f.index != 2_300, -5)), 2_300, "age"),
        (lambda f: f.assign(age=f["age"] + 0.5), 0, "age"),
        (lambda f: f.assign(loan=f["loan"].where(f.index != 2_001)), 2_001, "loan"),
        (lambda f: f.assign(employed=2), 0, "employed"),
        (lambda f: f.assign(region=[["a"]] * len(f)), 0, "region"),
        (lambda f: f.assign(applied=1.5), 0, "applied"),
        (lambda f: f.assign(applied=f["applied"] + pd.Timedelta(days=365 * 200)), 0, "applied"),
    ],
)
def test_a_mistake_is_told_by_row_and_field_and_nothing_is_answered(
    client: TestClient, log: PredictionLog, changed: Changed, row: int, field: str
) -> None:
    body = stream(pa.Table.from_pandas(changed(asked())))
    answer = client.post("/predict", content=body, headers={"content-type": ARROW})
    assert answer.status_code == 422
    told = answer.json()["detail"]
    assert (told[0]["row"], told[0]["field"]) == (row, field)
    assert len(told) <= 100
    assert logged(log).empty


SOUND = pa.Table.from_pandas(asked(3))


def with_column(name: str, column: Any, table: pa.Table = SOUND) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, column)


LISTS = pa.DictionaryArray.from_arrays([0, 0, 0], pa.array([[1]]))
# Each of 900 views, of a length, a prefix, a buffer and a place in it, shows the same text.
VIEW = struct.pack("<i4sii", 100_000, b"xxxx", 0, 0)
VIEWS = pa.Array.from_buffers(
    pa.string_view(), 900, [None, pa.py_buffer(VIEW * 900), pa.py_buffer(b"x" * 100_000)]
)
SAME = pa.DictionaryArray.from_arrays([0] * 900, ["x" * 100_000])
LONG = pa.array(["x" * 5_000] * 3).dictionary_encode()
VIEWED, CODED = (with_column("region", each, SOUND.take([0] * 900)) for each in (VIEWS, SAME))
MANY = SOUND.take([0] * 100_001)
PREFIXED = {"loan": "DELTA_BYTE_ARRAY"}


@pytest.mark.parametrize(
    ("kind", "body", "words"),
    [
        (ARROW, b"", "cannot be read"),
        (ARROW, b"nonsense", "cannot be read"),
        (PARQUET, b"nonsense", "cannot be read"),
        (ARROW, stream(SOUND)[:-500], "cannot be read"),
        (ARROW, stream(SOUND, "zstd"), "is compressed"),
        (ARROW, stream(SOUND.append_column("x", [["a"] * 3]), "lz4"), "is compressed"),
        (ARROW, stream(SOUND.slice(0, 0)), "no rows"),
        (PARQUET, parquet(SOUND.slice(0, 0)), "no rows"),
        (ARROW, stream(with_column("region", pa.array([["a"]] * 3))), "not a text"),
        (ARROW, stream(with_column("region", LISTS)), "not a text"),
        (ARROW, stream(with_column("region", LONG)), "a text of more than 1,000 characters"),
        (ARROW, stream(VIEWED), "more than 67,108,864 bytes"),
        (ARROW, stream(CODED), "more than 67,108,864 bytes"),
        (PARQUET, parquet(CODED), "more than 67,108,864 bytes"),
        (ARROW, stream(pa.Table.from_arrays([[1], [2]], ["a", "a"])), "the same name: a, a"),
        (PARQUET, parquet(MANY), "more than 100,000 rows"),
        (ARROW, stream(MANY, chunk=50_000), "more than 100,000 rows"),
        (
            PARQUET,
            parquet(SOUND, column_encoding=PREFIXED, use_dictionary=False),
            "in a way that is not",
        ),
        (ARROW, stream(MANY.slice(0, 2_000), chunk=1), "more than 1,000 batches"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_is_no_table_or_too_large_is_refused_in_words(
    client: TestClient, kind: str, body: bytes, words: str
) -> None:
    answer = client.post("/predict", content=body, headers={"content-type": kind})
    assert answer.status_code == 422
    assert words in json.dumps(answer.json()["detail"][0]["problem"])


def test_a_file_that_would_be_too_large_when_unpacked_is_refused_unread(
    client: TestClient,
) -> None:
    body = parquet(
        with_column("region", [["x" * 40_000_000] * 2], SOUND.take([0] * 2)),
        compression="zstd",
        use_dictionary=False,
    )
    assert len(body) < 50_000
    answer = client.post("/predict", content=body, headers={"content-type": PARQUET})
    assert "more than 67,108,864 bytes" in answer.json()["detail"][0]["problem"]
