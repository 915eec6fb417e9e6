"""Rows that come as a table, and answers that go as one: an Arrow IPC stream, or a Parquet file."""

import struct
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from shared.errors import Refusal
from shared.serving.rows import ANSWERED, LONGEST_TEXT, JsonRow

ARROW = b"application/vnd.apache.arrow.stream"
PARQUET = b"application/vnd.apache.parquet"
KINDS = (ARROW, PARQUET)
MAX_TABLE_ROWS = 100_000
# What a body may come to when it is unpacked.
MAX_UNPACKED_BYTES = 512 * 1024 * 1024
TAKEN = (
    *(pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean, pa.types.is_null),
    *(pa.types.is_string, pa.types.is_large_string, pa.types.is_timestamp),
)
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
    plain = [_plain(*pair) for pair in zip(table.columns, table.schema, strict=True)]
    return pa.Table.from_arrays(plain, names=table.column_names)


def slices(table: pa.Table, size: int) -> Iterator[list[JsonRow]]:
    """Yield the rows in parts of a size, with plain Python values."""
    for at in range(0, table.num_rows, size):
        part = table.slice(at, size)
        columns = [column.to_pylist() for column in part.columns]
        yield [
            dict(zip(part.column_names, values, strict=True))
            for values in zip(*columns, strict=True)
        ]


def answer_kind(accept: bytes, came: bytes) -> bytes:
    """Return the media type of the answer: the first that is asked for and known, or what came."""
    for part in accept.split(b","):
        kind = part.partition(b";")[0].strip().lower()
        if kind in (*KINDS, b"application/json"):
            return kind
    return came


def write_table(answers: Sequence[Any], kind: bytes) -> bytes:
    """Return answers as a table."""
    table = pa.table({name: [getattr(answer, name) for answer in answers] for name in ANSWERED})
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


def _plain(column: pa.ChunkedArray, field: pa.Field) -> pa.ChunkedArray:
    """Return a column of a type that has a counterpart in JSON, and no text that is too long."""
    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    if not any(is_taken(kind) for is_taken in TAKEN):
        raise Refusal(f"the column {field.name!r} has the type {field.type}, which no row has")
    if pa.types.is_timestamp(kind):
        return column.cast(pa.timestamp("us", tz="UTC" if kind.tz else None), safe=False)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        held = [chunk.dictionary if kind != field.type else chunk for chunk in column.chunks]
        lengths = [pc.max(pc.binary_length(chunk)).as_py() or 0 for chunk in held]
        longest = max(lengths, default=0)
        if longest > UTF8_BYTES * LONGEST_TEXT:
            raise Refusal(f"the column {field.name!r} has a text of {longest:,} bytes")
    return column
