"""An Arrow stream is looked at by its messages, before any of them is read."""

import pyarrow as pa
import pytest

from shared.errors import Refusal
from shared.serving.protocols import arrow_messages

PLAIN = pa.table({"age": [41, 42], "region": ["south", "north"]})
CODED = PLAIN.set_column(1, "region", PLAIN["region"].dictionary_encode())


def stream(table: pa.Table, batches: int = 1, compression: str | None = None) -> bytes:
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression=compression)
    with pa.ipc.new_stream(sink, table.schema, options=options) as writer:
        for _ in range(batches):
            writer.write_table(table)
    return sink.getvalue().to_pybytes()


@pytest.mark.parametrize("table", [PLAIN, CODED, PLAIN.slice(0, 0)])
def test_a_stream_as_it_is_passes(table: pa.Table) -> None:
    arrow_messages.refuse_messages(stream(table, batches=3))


@pytest.mark.parametrize("compression", ["lz4", "zstd"])
@pytest.mark.parametrize("table", [PLAIN, CODED])
def test_one_that_is_compressed_is_refused(table: pa.Table, compression: str) -> None:
    with pytest.raises(Refusal, match="compressed: send it as it is, or as Parquet"):
        arrow_messages.refuse_messages(stream(table, compression=compression))


def test_a_dictionary_that_is_compressed_is_refused_before_its_batch() -> None:
    # Dictionaries come before the batches that refer to them.
    body = stream(CODED, compression="lz4")
    kinds = [message.type for message in pa.ipc.MessageReader.open_stream(body)]
    assert kinds[:2] == ["schema", "dictionary"]
    with pytest.raises(Refusal, match="compressed"):
        arrow_messages.refuse_messages(body)


def test_more_batches_than_are_allowed_are_refused() -> None:
    arrow_messages.refuse_messages(stream(PLAIN, arrow_messages.MOST_MESSAGES))
    with pytest.raises(Refusal, match="more than 1,000 batches: write larger ones"):
        arrow_messages.refuse_messages(stream(PLAIN, arrow_messages.MOST_MESSAGES + 1))


def test_a_schema_that_says_too_much_is_refused() -> None:
    told = PLAIN.replace_schema_metadata({"notes": "x" * arrow_messages.MOST_METADATA_BYTES})
    body = stream(told, batches=2)
    with pytest.raises(Refusal, match="more than 1,048,576 bytes"):
        arrow_messages.refuse_messages(body)
