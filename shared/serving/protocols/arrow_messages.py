"""The messages of an Arrow stream, looked at before any is read: their size, and how they hold it.

Flatbuffers are read after Arrow's Message.fbs.
"""

import struct

import pyarrow as pa

from shared.errors import Refusal

MOST_METADATA_BYTES = 1024 * 1024
MOST_MESSAGES = 1_000
CONTINUES = b"\xff\xff\xff\xff"


def refuse_messages(body: bytes) -> None:
    """Raise `Refusal` for a stream of too many messages, or of one whose size nobody knows."""
    at = 4 if body[:4] == CONTINUES else 0
    if MOST_METADATA_BYTES < struct.unpack_from("<I", body, at)[0] < len(body):
        raise Refusal(f"its schema has more than {MOST_METADATA_BYTES:,} bytes")
    for count, message in enumerate(pa.ipc.MessageReader.open_stream(body)):
        if count > MOST_MESSAGES:
            raise Refusal(f"it has more than {MOST_MESSAGES:,} batches: write larger ones")
        if message.metadata.size > MOST_METADATA_BYTES:
            raise Refusal(f"a batch is described by more than {MOST_METADATA_BYTES:,} bytes")
        if message.type in ("record batch", "dictionary") and _is_compressed(message):
            raise Refusal("the Arrow stream is compressed: send it as it is, or as Parquet")


def _is_compressed(message: pa.ipc.Message) -> bool:
    # A Message's third field is its header; the fourth of a RecordBatch tells its compression, and
    # a DictionaryBatch has a RecordBatch as its second.
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
