"""Requests that are made to hurt, each kind by its name: small to send, and costly to read."""

import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from shared.serving.protocols import columnar
from tests.conftest import loans
from tests.serving.processes import LOAN

JSON, ARROW, PARQUET = "application/json", columnar.ARROW.decode(), columnar.PARQUET.decode()
# A path, a media type, and a body.
Hostile = tuple[str, str, bytes]
ROWS = 10_000


def table(rows: int) -> pa.Table:
    """Return rows that would be answered."""
    frame = pa.Table.from_pandas(loans(100, seed=5).drop(columns="defaulted"), preserve_index=False)
    return frame.take(np.arange(rows) % 100)


def with_column(name: str, values: Any, rows: int) -> pa.Table:
    """Return rows with another column in the place of theirs."""
    made = table(rows)
    return made.set_column(made.column_names.index(name), name, values)


def stream(made: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, made.schema) as written:
        written.write_table(made)
    return sink.getvalue().to_pybytes()


def parquet(made: pa.Table, **options: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(made, sink, **options)
    return sink.getvalue()


def _with_more(rows: int, columns: int) -> bytes:
    made = table(rows)
    for number in range(columns):
        made = made.append_column(f"more_{number}", pa.nulls(rows, pa.string()))
    return parquet(made)


def _unknown_names(name: str = "a") -> bytes:
    row = {f"{name}{number}": 1 for number in range(200)}
    return json.dumps([row] * 6_000).encode()


def _tensors(data: list[Any]) -> bytes:
    tensors = [
        {"name": name, "shape": [len(data)], "datatype": "BYTES", "data": data}
        for name in ("loan", "applied", "region", "guarantee")
    ]
    return json.dumps({"inputs": tensors}).encode()


def _not_utf8() -> bytes:
    body = stream(table(10))
    # The name's first place is in the schema; the other, in pandas' words, stays as it is.
    return body.replace(b"region\0", b"regi\xff\xfe\0")


def _beyond_years() -> bytes:
    return stream(with_column("applied", pa.array([2**62] * 10, pa.timestamp("s", "UTC")), 10))


def _same_text(rows: int, length: int) -> pa.Table:
    coded = pa.DictionaryArray.from_arrays(np.zeros(rows, "int32"), ["x" * length])
    return with_column("region", coded, rows)


MANY = LOAN | {f"more_{number}": number for number in range(20)}
KINDS: dict[str, Callable[[], Hostile]] = {
    "json, 20 unknown columns": lambda: (
        "/predict",
        JSON,
        json.dumps([MANY] * ROWS).encode(),
    ),
    "json, rows of 200 unknown names": lambda: ("/predict", JSON, _unknown_names()),
    "json, millions of empty rows": lambda: ("/predict", JSON, b"[" + b"{}," * 5_000_000 + b"{}]"),
    "json, 30,000 rows": lambda: ("/predict", JSON, json.dumps([LOAN] * 3 * ROWS).encode()),
    "json, one row of a million names": lambda: (
        "/predict",
        JSON,
        json.dumps({f"more_{number}": 1 for number in range(800_000)}).encode(),
    ),
    "json, millions of lists": lambda: ("/predict", JSON, b"[" + b"[]," * 5_000_000 + b"[]]"),
    "json, lists in lists": lambda: ("/predict", JSON, b"[" * 15_000_000),
    "json, a text without an end": lambda: (
        "/predict",
        JSON,
        b'[{"loan":"' + b'\\"' * 7_000_000,
    ),
    "json, all wrong": lambda: (
        "/predict",
        JSON,
        json.dumps([LOAN | {"age": "x"}] * ROWS).encode(),
    ),
    "parquet, 300 more columns": lambda: ("/predict", PARQUET, _with_more(4_000, 300)),
    "parquet, 10 more columns": lambda: ("/predict", PARQUET, _with_more(100_000, 10)),
    "parquet, one text in each row": lambda: (
        "/predict",
        PARQUET,
        parquet(_same_text(100_000, 1_000)),
    ),
    "parquet, compressed a thousandfold": lambda: (
        "/predict",
        PARQUET,
        parquet(with_column("region", [["x" * 300_000_000]], 1), compression="zstd"),
    ),
    "parquet, nested": lambda: (
        "/predict",
        PARQUET,
        parquet(with_column("region", pa.array([[[1] * 1_000] * 100] * 10), 10)),
    ),
    "parquet, millions of rows": lambda: ("/predict", PARQUET, parquet(table(1_000_000))),
    "arrow, one text in each row": lambda: (
        "/predict",
        ARROW,
        stream(_same_text(100_000, 900_000)),
    ),
    "arrow, a time beyond its range": lambda: ("/predict", ARROW, _beyond_years()),
    "arrow, a name that is no UTF-8": lambda: ("/predict", ARROW, _not_utf8()),
    "tensors of lists": lambda: ("/v2/models/loans/infer", JSON, _tensors([[]] * 900_000)),
    "tensors of a million values": lambda: (
        "/v2/models/loans/infer",
        JSON,
        _tensors(["x"] * 700_000),
    ),
    "outcomes, rows of 200 unknown names": lambda: ("/outcomes", JSON, _unknown_names()),
    "outcomes, 100,000 rows": lambda: (
        "/outcomes",
        JSON,
        json.dumps([{"loan": "A1", "defaulted": True}] * 10 * ROWS).encode(),
    ),
}
