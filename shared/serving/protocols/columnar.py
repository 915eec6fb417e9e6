"""The tables that rows come in and answers go in: an Arrow IPC stream, or a Parquet file."""

from collections.abc import Sequence
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

ARROW = b"application/vnd.apache.arrow.stream"
PARQUET = b"application/vnd.apache.parquet"
KINDS = (ARROW, PARQUET)
# As many answers are written in one piece; others have their turn in between.
PIECE = 2_000


def answer_kind(accept: bytes, came: bytes) -> bytes:
    """Return the media type of the answer: the first that is asked for and known, or what came."""
    for part in accept.split(b","):
        kind = part.partition(b";")[0].strip().lower()
        if kind in (*KINDS, b"application/json"):
            return kind
    return came


def write_answers(answers: Sequence[Any], names: Sequence[str], kind: bytes) -> bytes:
    """Return answers as JSON, or as a table with columns of these names."""
    if kind not in KINDS:
        return write_json(answers)
    table = pa.table({name: [getattr(answer, name) for answer in answers] for name in names})
    sink = pa.BufferOutputStream()
    if kind == PARQUET:
        pq.write_table(table, sink)
    else:
        with pa.ipc.new_stream(sink, table.schema) as stream:
            stream.write_table(table)
    return bytes(sink.getvalue())


def write_json(answers: Sequence[Any]) -> bytes:
    """Return a list of answers as JSON, written piece by piece."""
    encode = msgspec.json.Encoder().encode
    pieces = (encode(answers[at : at + PIECE])[1:-1] for at in range(0, len(answers), PIECE))
    return b"[%s]" % b",".join(pieces)
