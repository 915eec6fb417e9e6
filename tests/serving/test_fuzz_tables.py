"""Tables with some bytes changed: read, or refused in words; nothing else comes of them."""

import os
from collections import Counter
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pytest

from shared.errors import Refusal
from shared.model.bundle import Bundle
from shared.serving.protocols import columnar
from shared.serving.protocols.table_rows import TableReader
from shared.serving.request_rows.reading import rows_of
from shared.serving.request_rows.rows import asked_columns
from shared.serving.request_rows.validation_errors import InvalidRows
from tests.serving.hostile import parquet, stream, table

# Longer by hand.
BODIES = int(os.environ.get("FUZZ_BODIES", "3000"))
EXTREMES = [b"\xff" * 4, b"\x00" * 4, b"\xff\xff\xff\x7f", b"\x00\x00\x00\x80", b"\xfe" * 8]


def sound() -> list[tuple[bytes, bytes]]:
    """Return tables that are answered, each written in another way, with their kinds."""
    plain = table(12)
    at = plain.column_names.index("region")
    coded = plain.set_column(at, "region", plain["region"].dictionary_encode())
    viewed = plain.set_column(at, "region", plain["region"].cast(pa.string_view()))
    arrow = [(stream(each), columnar.ARROW) for each in (plain, coded, viewed)]
    options = (
        {},
        {"compression": "zstd", "use_dictionary": False},
        {"data_page_version": "2.0", "compression": "gzip", "row_group_size": 5},
        {"use_dictionary": False, "column_encoding": {"loan": "DELTA_LENGTH_BYTE_ARRAY"}},
        {"use_byte_stream_split": ["income"], "use_dictionary": ["loan"], "store_schema": False},
    )
    files = [
        (parquet(each, **more), columnar.PARQUET) for each in (plain, coded) for more in options
    ]
    return [*arrow, *files]


def changed(body: bytes, rng: np.random.Generator) -> bytes:
    """Return a body that is cut, or has bytes that are changed, moved or in excess."""
    made = bytearray(body)
    for _ in range(rng.integers(1, 4)):
        at, size = int(rng.integers(len(made))), int(rng.integers(1, 40))
        way = rng.integers(6)
        if way == 0:
            made[at] ^= 1 << int(rng.integers(8))
        elif way == 1:
            made[at] = int(rng.integers(256))
        elif way == 2:
            extreme = EXTREMES[rng.integers(len(EXTREMES))]
            made[at : at + len(extreme)] = extreme
        elif way == 3:
            made[at : at + size] = rng.bytes(size)
        elif way == 4:
            other = int(rng.integers(len(made)))
            made[at : at + size] = made[other : other + size]
        elif rng.random() < 0.2:
            del made[at:]
            break
    return bytes(made)


def bodies() -> Iterator[tuple[bytes, bytes]]:
    rng, written = np.random.default_rng(2013), sound()
    for number in range(BODIES):
        body, kind = written[number % len(written)]
        yield changed(body, rng), kind


def outcome(reader: TableReader, body: bytes, kind: bytes) -> str:
    """Read a body, and tell what came of it."""
    try:
        parts = reader.read(body, kind)
    except InvalidRows as invalid:
        return "wrong rows" if 1 <= len(invalid.errors) <= 100 else "too many errors"
    except Refusal as refusal:
        first = ("the body cannot be read as", "the table is not taken")
        return "refused" if str(refusal).startswith(first) else str(refusal)
    rows = [row for part in parts for row in rows_of(part)]
    return "read" if {*map(len, rows)} == {len(reader.expected)} else "other rows"


@pytest.mark.flow
def test_a_changed_table_is_read_or_refused_in_words(bundle: Bundle) -> None:
    reader = TableReader(asked_columns(bundle.contract), 100_000)
    assert {outcome(reader, *each) for each in sound()} == {"read"}
    counts = Counter(outcome(reader, *each) for each in bodies())
    assert counts.keys() == {"read", "wrong rows", "refused"}, counts
    assert min(counts.values()) > BODIES / 50, counts
