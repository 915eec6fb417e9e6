"""Rows that come as a table, and answers that go as one: an Arrow IPC stream, or a Parquet file."""

import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from shared.errors import Refusal
from shared.schema.texts import LONGEST_TEXT

ARROW = b"application/vnd.apache.arrow.stream"
PARQUET = b"application/vnd.apache.parquet"
KINDS = (ARROW, PARQUET)
MAX_TABLE_ROWS = 100_000
# What a body may come to when it is unpacked.
MAX_UNPACKED_BYTES = 512 * 1024 * 1024
UTF8_BYTES = 4


def read_table(body: bytes, kind: bytes) -> pa.Table:
    """Return a body's table; raises `Refusal` where it is none, or larger than is taken."""
    try:
        table = _arrow(body) if kind == ARROW else _parquet(body)
    except (pa.ArrowException, OSError, struct.error, IndexError, ValueError) as error:
        words = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise Refusal(f"the body cannot be read as {kind.decode()}: {words}") from None
    if not table.num_rows:
        raise Refusal("the table has no rows")
    if len(set(table.column_names)) < table.num_columns:
        raise Refusal(f"two columns have the same name: {', '.join(table.column_names)}"[:500])
    for name in table.column_names:
        _refuse_swelling(name, table[name])
    return table


def answer_kind(accept: bytes, came: bytes) -> bytes:
    """Return the media type of the answer: the first that is asked for and known, or what came."""
    for part in accept.split(b","):
        kind = part.partition(b";")[0].strip().lower()
        if kind in (*KINDS, b"application/json"):
            return kind
    return came


def write_table(answers: Sequence[Any], names: Sequence[str], kind: bytes) -> bytes:
    """Return answers as a table with columns of these names."""
    table = pa.table({name: [getattr(answer, name) for answer in answers] for name in names})
    sink = pa.BufferOutputStream()
    if kind == PARQUET:
        pq.write_table(table, sink)
    else:
        with pa.ipc.new_stream(sink, table.schema) as stream:
            stream.write_table(table)
    return bytes(sink.getvalue())


def _arrow(body: bytes) -> pa.Table:
    _refuse_compressed(body)
    batches, size = [], 0
    with pa.ipc.open_stream(body) as stream:
        for batch in stream:
            # What comes from outside may point anywhere.
            batch.validate(full=True)
            size += batch.num_rows
            _refuse_many(size)
            batches.append(batch)
        return pa.Table.from_batches(batches, stream.schema)


def _parquet(body: bytes) -> pa.Table:
    with pq.ParquetFile(pa.BufferReader(body)) as file:
        metadata = file.metadata
        _refuse_many(metadata.num_rows)
        groups = [metadata.row_group(at) for at in range(metadata.num_row_groups)]
        if sum(group.total_byte_size for group in groups) > MAX_UNPACKED_BYTES:
            raise Refusal(f"unpacked, the body would have more than {MAX_UNPACKED_BYTES:,} bytes")
        table = file.read()
        table.validate(full=True)
        return table


def _refuse_many(rows: int) -> None:
    if rows > MAX_TABLE_ROWS:
        raise Refusal(f"the table has more than {MAX_TABLE_ROWS:,} rows: send it in parts")


def _refuse_compressed(body: bytes) -> None:
    """Raise `Refusal` for an Arrow stream whose size when unpacked nobody knows beforehand."""
    for message in pa.ipc.MessageReader.open_stream(body):
        if message.type in ("record batch", "dictionary") and _is_compressed(message):
            raise Refusal("the Arrow stream is compressed: send it as it is, or as Parquet")


def _is_compressed(message: pa.ipc.Message) -> bool:
    # Flatbuffers, after Arrow's Message.fbs: a Message's third field is its header; the fourth of a
    # RecordBatch tells its compression, and a DictionaryBatch has a RecordBatch as its second.
    held = message.metadata.to_pybytes()
    table = _field(held, _unsigned(held, 0), 2)
    if table and message.type == "dictionary":
        table = _field(held, table, 1)
    return bool(table and _field(held, table, 3))


def _field(held: bytes, table: int, number: int) -> int:
    """Return where a table's field points to; 0 where the field is not there."""
    known = table - struct.unpack_from("<i", held, table)[0]
    entry = 4 + 2 * number
    if entry >= struct.unpack_from("<H", held, known)[0]:
        return 0
    offset = struct.unpack_from("<H", held, known + entry)[0]
    return table + offset + _unsigned(held, table + offset) if offset else 0


def _unsigned(held: bytes, at: int) -> int:
    return int(struct.unpack_from("<I", held, at)[0])


def _refuse_swelling(name: str, column: pa.ChunkedArray) -> None:
    """Raise `Refusal` for a column that says in few bytes what would take very many."""
    kind, held = column.type, column.chunks
    is_coded = pa.types.is_dictionary(kind) or pa.types.is_run_end_encoded(kind)
    if is_coded:
        held = [c.dictionary if pa.types.is_dictionary(kind) else c.values for c in held]
        kind = kind.value_type
    if pa.types.is_string_view(kind) and sum(map(_viewed_bytes, held)) > MAX_UNPACKED_BYTES:
        raise Refusal(f"the column {name!r} has texts of more than {MAX_UNPACKED_BYTES:,} bytes")
    if not is_coded:
        return
    if pa.types.is_string_view(kind):
        held, kind = [values.cast(pa.string()) for values in held], pa.string()
    texts = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    if not (texts or pa.types.is_primitive(kind)):
        raise Refusal(f"the column {name!r} has the type {column.type}, which no row has")
    lengths = [pc.max(pc.binary_length(values)).as_py() or 0 for values in held if texts]
    if (longest := max(lengths, default=0)) > UTF8_BYTES * LONGEST_TEXT:
        raise Refusal(f"the column {name!r} has a text of {longest:,} bytes")


def _viewed_bytes(views: pa.Array) -> int:
    """Return how many bytes texts have together: several may show the same ones."""
    # A view is 16 bytes, of which the first four are its length.
    lengths = np.frombuffer(views.buffers()[1], "<i4")[::4][views.offset :][: len(views)]
    return int(lengths[views.is_valid().to_numpy(zero_copy_only=False)].sum(dtype="int64"))
