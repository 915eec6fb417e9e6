"""A Parquet file's own pages say what it takes to unpack it."""

import io
from contextlib import suppress
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shared.errors import Refusal
from shared.serving.protocols import parquet_pages
from shared.serving.protocols.thrift import Fields

TEXTS = ["x" * 50_000, "y" * 50_000] * 20


def written(**options: Any) -> tuple[bytes, Fields]:
    sink = io.BytesIO()
    table = pa.table({"a": TEXTS, "b": range(40), "c": [None, 1.5] * 20})
    pq.write_table(table, sink, row_group_size=10, **options)
    return sink.getvalue(), parquet_pages.read_footer(sink.getvalue())


@pytest.mark.parametrize("compression", ["none", "snappy", "zstd", "gzip", "brotli", "lz4"])
@pytest.mark.parametrize("version", ["1.0", "2.0"])
def test_the_pages_say_the_same_as_an_honest_footer(compression: str, version: str) -> None:
    for is_coded in (True, False):
        body, footer = written(
            compression=compression,
            data_page_version=version,
            use_dictionary=is_coded,
            data_page_size=1_000,
        )
        metadata = pq.read_metadata(io.BytesIO(body))
        assert parquet_pages.rows(footer) == metadata.num_rows
        claimed = sum(metadata.row_group(g).total_byte_size for g in range(4))
        found = parquet_pages.read_pages(body, footer).unpacked_bytes
        # The footer counts the headers as well.
        assert 0.98 * claimed < found <= claimed


def test_a_page_that_does_not_say_what_its_texts_take_is_refused() -> None:
    coded = written(use_dictionary=False, column_encoding={"a": "DELTA_BYTE_ARRAY"})
    with pytest.raises(Refusal, match="the column 'a' is encoded in a way that is not taken"):
        parquet_pages.read_pages(*coded)


def test_texts_that_follow_their_lengths_are_in_no_dictionary() -> None:
    by_length = written(use_dictionary=False, column_encoding={"a": "DELTA_LENGTH_BYTE_ARRAY"})
    assert parquet_pages.read_pages(*by_length).uncoded == {"a"}
    assert parquet_pages.read_pages(*written()).uncoded == set()


def test_there_are_only_so_many_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet_pages, "MOST_PAGES", 5)
    with pytest.raises(Refusal, match="more than 5 pages"):
        parquet_pages.read_pages(*written())


def test_a_footer_is_there_and_not_too_large() -> None:
    body, _ = written()
    parquet_pages.read_footer(body)
    for other in (b"", b"PAR1", body[:-1]):
        with pytest.raises(ValueError, match="does not begin and end as a Parquet file does"):
            parquet_pages.read_footer(other)
    with pytest.raises(Refusal, match="its footer has 16,777,216 bytes"):
        parquet_pages.read_footer(body[:-8] + b"\0\0\0\1PAR1")


@pytest.mark.parametrize("at", range(4, 30))
def test_a_header_that_cannot_be_read_is_a_mistake_of_the_body(at: int) -> None:
    body, footer = written()
    for byte in (0, 0x1B, 0xFF):
        broken = body[:at] + bytes([byte]) * 8 + body[at + 8 :]
        with suppress(Refusal, ValueError, IndexError):
            assert parquet_pages.read_pages(broken, footer).unpacked_bytes >= 0
