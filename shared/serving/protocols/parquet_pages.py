"""What the pages of a Parquet file unpack to, as the pages themselves say, before any is unpacked.

The file's footer only claims a size. A page's header, which is in Thrift's compact protocol
(https://github.com/apache/parquet-format), says what the reader makes room for.
"""

import struct
from collections.abc import Iterator

import pyarrow.parquet as pq

from shared.errors import Refusal

MAGIC = b"PAR1"
MOST_FOOTER_BYTES = 1024 * 1024
MOST_PAGES = 10_000
# Encodings, and the fields of a header, as parquet.thrift numbers them.
DELTA_BYTE_ARRAY = 7
UNPACKED, PACKED = 2, 3
DATA, DICTIONARY, DATA_V2 = 5, 7, 8
ENCODING = {DATA: 2, DICTIONARY: 2, DATA_V2: 4}
# Thrift's types of fields.
TRUE, FALSE, BYTE, I64, DOUBLE, BINARY, STRUCT = 1, 2, 3, 6, 7, 8, 12
MOST_DEPTH = 8
# The reader looks behind the end of a column in files that were written by older ones.
SIZES_WRONG = tuple(f"parquet-mr version {version}." for version in ("0", "1.0", "1.1", "1.2"))


def refuse_footer(body: bytes) -> None:
    """Raise `ValueError` where there is no footer, `Refusal` for one larger than any row needs."""
    if len(body) < 12 or body[-4:] != MAGIC:
        raise ValueError("it does not end as a Parquet file does")
    size = struct.unpack("<I", body[-8:-4])[0]
    if size > MOST_FOOTER_BYTES:
        raise Refusal(f"its footer has {size:,} bytes, and may have {MOST_FOOTER_BYTES:,}")


def unpacked_bytes(body: bytes, metadata: pq.FileMetaData) -> int:
    """Return how many bytes all pages unpack to.

    Raises `Refusal` for more pages than are taken, and for an encoding in which a page does not
    say how much its texts take; `IndexError` and the like where a header cannot be read.
    """
    if str(metadata.created_by or "").startswith(SIZES_WRONG):
        raise Refusal(f"it was written by {metadata.created_by}, which is too old")
    size = count = 0
    for start, end, name in _chunks(metadata):
        at = start
        while at < end:
            header, at = _struct(body, at)
            packed = _whole(header, PACKED)
            if packed < 0 or _encoding(header) == DELTA_BYTE_ARRAY:
                raise Refusal(f"the column {name!r} is encoded in a way that is not taken")
            at, size, count = at + packed, size + max(0, _whole(header, UNPACKED)), count + 1
            if count > MOST_PAGES:
                raise Refusal(f"it has more than {MOST_PAGES:,} pages: write larger ones")
    return size


def _chunks(metadata: pq.FileMetaData) -> Iterator[tuple[int, int, str]]:
    """Yield where each column of each group of rows begins and ends."""
    for group in range(metadata.num_row_groups):
        rows = metadata.row_group(group)
        for at in range(rows.num_columns):
            column = rows.column(at)
            start, coded = column.data_page_offset, column.dictionary_page_offset
            start = coded if coded and 0 < coded < start else start
            if start < 0 or column.total_compressed_size < 0:
                raise Refusal("a column begins before the file")
            yield start, start + column.total_compressed_size, column.path_in_schema


Fields = dict[int, "int | Fields"]


def _whole(fields: Fields, number: int) -> int:
    value = fields.get(number, 0)
    return value if isinstance(value, int) else 0


def _encoding(header: Fields) -> int | None:
    for part, number in ENCODING.items():
        if isinstance(held := header.get(part), dict):
            return _whole(held, number)
    return None


def _struct(body: bytes, at: int, depth: int = 0) -> tuple[Fields, int]:
    """Return a struct's whole numbers and structs by their fields, and where it ends."""
    fields: Fields = {}
    number = 0
    while (kind := body[at]) & 15:
        at += 1
        if kind >> 4:
            number += kind >> 4
        else:
            number, at = _zigzag(body, at)
        kind &= 15
        if kind in (TRUE, FALSE):
            fields[number] = int(kind == TRUE)
        elif kind == STRUCT and depth < MOST_DEPTH:
            fields[number], at = _struct(body, at, depth + 1)
        elif BYTE < kind <= I64:
            fields[number], at = _zigzag(body, at)
        else:
            at = _behind(body, at, kind)
    return fields, at + 1


def _behind(body: bytes, at: int, kind: int) -> int:
    """Return where a value ends that says nothing here."""
    if kind == BYTE:
        return at + 1
    if kind == DOUBLE:
        return at + 8
    if kind == BINARY:
        size, at = _varint(body, at)
        return at + size
    # No page's header has lists or maps, or structs in structs in structs.
    raise ValueError("a page's header cannot be read")


def _zigzag(body: bytes, at: int) -> tuple[int, int]:
    value, at = _varint(body, at)
    return (value >> 1) ^ -(value & 1), at


def _varint(body: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while shift < 64:
        byte = body[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7
    raise ValueError("a page's header cannot be read")
