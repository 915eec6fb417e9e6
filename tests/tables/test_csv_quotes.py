"""A quote that does not close its cell is found by its line, whatever the blocks; no other is."""

import csv
import io
from collections.abc import Iterator

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.tables.csv_quotes import LOOKED_AT, BadLine, QuoteWatch, rows_of

CELLS = st.lists(st.text('a",\n\r ', max_size=4), min_size=2, max_size=3)
NEVER = "the quote that opens a cell here is never closed"
BEFORE = (
    "the quote that opens a cell here is closed before the cell ends "
    "(a quote within a cell is written twice)"
)


def is_odd(content: bytes, size: int) -> bool:
    watch = QuoteWatch(",")
    for at in range(0, len(content), size):
        watch(pa.py_buffer(content[at : at + size]))
    watch(pa.py_buffer(b""))
    return watch.is_odd


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        ('a,b\n1,"x\n2,y\n', 2, NEVER),
        ('a,b\n"x\ny",2\n3,"y\n4,5\n', 4, NEVER),
        ('a,b\n1,"x ""y""\n2,y', 2, NEVER),
        ('a,"b\n1,2\n', 1, NEVER),
        ('a,b,c\n"x\ny","z\n3,"y\n4,5\n', 3, BEFORE),
        ('a,b\n1,"x\n2,"y"\n3,"z"\n', 2, BEFORE),
        ('a,b\n1,"x"y\n', 2, BEFORE),
        ('a,b\r\n1,2\r\n1,"x\r\n2,y\r\n', 3, NEVER),
    ],
)
def test_a_quote_out_of_place_is_named_by_the_line_where_it_opens(
    content: str, line: int, words: str
) -> None:
    with pytest.raises(BadLine, match="the quote") as found:
        list(rows_of(io.StringIO(content, newline=""), ","))
    assert (found.value.line, str(found.value)) == (line, words)
    assert all(is_odd(content.encode(), size) for size in (1, 2, 3, 5, 100))


def written(rows: list[list[str]]) -> Iterator[bytes]:
    for quoting in (csv.QUOTE_ALL, csv.QUOTE_MINIMAL):
        for end in ("\n", "\r\n"):
            file = io.StringIO(newline="")
            csv.writer(file, quoting=quoting, lineterminator=end).writerows(rows)
            yield file.getvalue().encode()


@given(st.lists(CELLS, max_size=5), st.integers(1, 9))
@example([["", '"'], [",", '\n"'], ['"', ""]], 1)
def test_what_a_writer_of_csv_makes_is_never_odd(rows: list[list[str]], size: int) -> None:
    for content in written(rows):
        assert not is_odd(content, size)


def test_a_mark_of_encoding_is_no_neighbour_and_large_blocks_are_looked_at_whole() -> None:
    good = b'\xef\xbb\xbf"a","b"\n' + b'"1","2"\n' * LOOKED_AT
    assert not is_odd(good, len(good))
    assert is_odd(good + b'"1","2\n', len(good))
    assert is_odd(good + b'"1","2\n' + good[3:], 1 << 20)


@given(st.lists(CELLS, min_size=1, max_size=5), st.integers(0, 60), st.integers(1, 5))
def test_a_quote_that_is_lost_is_odd_where_a_strict_reader_refuses_it(
    rows: list[list[str]], lost: int, size: int
) -> None:
    for content in written(rows):
        places = [at for at, byte in enumerate(content) if byte == ord('"')]
        if not places:
            continue
        at = places[lost % len(places)]
        left = content[:at] + content[at + 1 :]
        try:
            list(rows_of(io.StringIO(left.decode(), newline=""), ","))
        except BadLine:
            assert is_odd(left, size)
