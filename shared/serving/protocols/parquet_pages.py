"""What a Parquet file unpacks to, as its pages themselves say, before anything is unpacked.

The footer only claims a size; a page's header says what the reader makes room for. Both are read
here (https://github.com/apache/parquet-format): Arrow's own reading of a broken footer may end the
process.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from shared.errors import Refusal
from shared.serving.protocols import thrift
from shared.serving.protocols.thrift import Fields, read_struct, structs, whole

MAGIC = b"PAR1"
MOST_FOOTER_BYTES = 1024 * 1024
MOST_PAGES = 10_000
# Encodings, and fields, as parquet.thrift numbers them. Of a footer:
SCHEMA, ROWS, GROUPS, WRITTEN_BY = 2, 3, 4, 6
# Of a group of rows, and of a column in it:
COLUMNS, GROUP_ROWS, ELSEWHERE, COLUMN = 1, 3, 1, 3
PATH, PACKED_BYTES, DATA_AT, DICTIONARY_AT = 3, 7, 9, 11
# Of a page's header:
UNPACKED, PACKED = 2, 3
DATA, DICTIONARY, DATA_V2 = 5, 7, 8
ENCODING = {DATA: 2, DICTIONARY: 2, DATA_V2: 4}
DELTA_LENGTH_BYTE_ARRAY, DELTA_BYTE_ARRAY = 6, 7
# The reader looks behind the end of a column in files that were written by older ones.
SIZES_WRONG = tuple(f"parquet-mr version {version}." for version in ("0", "1.0", "1.1", "1.2"))


@dataclass(frozen=True)
class Pages:
    """How many bytes the pages unpack to, and which columns' texts can be in no dictionary."""

    unpacked_bytes: int
    uncoded: frozenset[str]


def read_footer(body: bytes) -> Fields:
    """Return a file's footer.

    Raises `Refusal` for one that is larger than any row needs, `ValueError` or `IndexError` where
    there is none.
    """
    if len(body) < 12 or body[-4:] != MAGIC or body[:4] != MAGIC:
        raise ValueError("it does not begin and end as a Parquet file does")
    size = struct.unpack("<I", body[-8:-4])[0]
    if size > MOST_FOOTER_BYTES:
        raise Refusal(f"its footer has {size:,} bytes, and may have {MOST_FOOTER_BYTES:,}")
    if size > len(body) - 12:
        raise ValueError("its footer is longer than the file")
    footer, _ = read_struct(body[-8 - size : -8], 0)
    _refuse_odd(footer)
    return footer


def rows(footer: Fields) -> int:
    """Return how many rows there are: the footer's and all groups' numbers are the same."""
    return whole(footer, ROWS)


def read_pages(body: bytes, footer: Fields) -> Pages:
    """Return what the headers of all pages say.

    Raises `Refusal` for more pages than are taken, and for an encoding in which a page does not
    say how much its texts take; `ValueError` or `IndexError` where a header cannot be read.
    """
    size = count = 0
    encodings: dict[str, set[int | None]] = {}
    for start, end, name in _chunks(footer):
        at = start
        while at < end:
            header, at = read_struct(body, at)
            packed = whole(header, PACKED)
            encodings.setdefault(name, set()).add(_encoding(header))
            if packed < 0 or whole(header, UNPACKED) < 0:
                raise ValueError("a page has less than no bytes")
            at, size, count = at + packed, size + whole(header, UNPACKED), count + 1
            if count > MOST_PAGES:
                raise Refusal(f"it has more than {MOST_PAGES:,} pages: write larger ones")
    return Pages(size, frozenset(_by_length(encodings)))


def _refuse_odd(footer: Fields) -> None:
    """Raise `Refusal` or `ValueError` for a footer whose parts do not go together."""
    written_by = footer.get(WRITTEN_BY, b"")
    if isinstance(written_by, bytes) and written_by.decode().startswith(SIZES_WRONG):
        raise Refusal(f"it was written by {written_by.decode()}, which is too old")
    groups = structs(footer, GROUPS)
    if rows(footer) != sum(whole(group, GROUP_ROWS) for group in groups):
        raise ValueError("its groups have not as many rows as it says")
    for group in groups:
        if whole(group, GROUP_ROWS) < 0 or len(structs(group, COLUMNS)) > len(
            structs(footer, SCHEMA)
        ):
            raise ValueError("a group of rows has other columns than the file")


def _chunks(footer: Fields) -> Iterator[tuple[int, int, str]]:
    """Yield where each column of each group of rows begins and ends, and its name."""
    for group in structs(footer, GROUPS):
        for chunk in structs(group, COLUMNS):
            column = thrift.struct(chunk, COLUMN)
            path = column.get(PATH)
            if ELSEWHERE in chunk or not isinstance(path, list):
                raise ValueError("a column is in another file")
            start, coded = whole(column, DATA_AT), whole(column, DICTIONARY_AT)
            start = coded if 0 < coded < start else start
            size = whole(column, PACKED_BYTES)
            if start < 0 or size < 0:
                raise ValueError("a column begins before the file")
            yield start, start + size, b".".join(p for p in path if isinstance(p, bytes)).decode()


def _encoding(header: Fields) -> int | None:
    for part, number in ENCODING.items():
        if part in header:
            return whole(thrift.struct(header, part), number)
    return None


def _by_length(encodings: dict[str, set[int | None]]) -> Iterator[str]:
    for name, used in encodings.items():
        by_length = DELTA_LENGTH_BYTE_ARRAY in used
        if DELTA_BYTE_ARRAY in used or (by_length and len(used) > 1):
            raise Refusal(f"the column {name!r} is encoded in a way that is not taken")
        if by_length:
            yield name
