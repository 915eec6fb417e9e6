"""Quotes of a CSV file that do not close where their cell ends: rows would vanish in a cell."""

import bisect
import codecs
import csv
import itertools
import re
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

QUOTE, NEWLINE, RETURN = b'"\n\r'
END = np.array([NEWLINE], dtype="uint8")
# So many bytes are looked at at once, as they stay in a processor's cache.
LOOKED_AT = 1 << 16
csv.field_size_limit(1 << 28)
# What Python's reader says of a fault, and what is said here.
FAULTS = {
    "unexpected end": "the quote that opens a cell here is never closed",
    "expected after": (
        "the quote that opens a cell here is closed before the cell ends "
        "(a quote within a cell is written twice)"
    ),
}


class BadLine(Exception):  # noqa: N818  (the line is bad, not the program)
    """A line of a file, from 1, that is no part of a table, and why."""

    def __init__(self, line: int, words: str) -> None:
        super().__init__(words)
        self.line = line


class QuoteWatch:
    """Looks at the blocks of a file of UTF-8 for quotes out of place; an empty block is its end.

    `is_odd` is not false where a quoted cell does not end with its quote, unless two faults nearby
    balance. It may be true for a quote in a cell that does not begin with one.
    """

    def __init__(self, delimiter: str) -> None:
        self._delimiter = delimiter.encode()[-1]
        # The last byte that was judged, and the one after it, which waits for its neighbour.
        self._last = np.repeat(END, 2)
        self._is_within = False
        self._opened_in_line = 0
        self.is_odd = False

    def __call__(self, block: pa.Buffer) -> pa.Buffer:
        """Look at a block, and pass it on."""
        read = np.frombuffer(block, dtype="uint8") if len(block) else END
        if bytes(read[:3]) == codecs.BOM_UTF8:
            read = read[3:]
        for at in range(0, len(read), LOOKED_AT):
            if not self.is_odd:
                self._look(read[at : at + LOOKED_AT])
        self.is_odd |= self._is_within and not len(block)
        return block

    def _look(self, block: np.ndarray) -> None:
        """Count the quotes that open and close cells: in whole lines there are as many of each."""
        seen = np.concatenate((self._last, block))
        self._last = seen[-2:]
        is_quote = seen == QUOTE
        if not is_quote.any() and not self._opened_in_line:
            return
        is_border = (seen == self._delimiter) | (seen == NEWLINE) | (seen == RETURN)
        judged = is_quote[1:-1]
        opens, closes = judged & is_border[:-2], judged & is_border[2:]
        lines = seen[1:-1].tobytes().rfind(b"\n") + 1
        opened = self._opened_in_line + _more(opens[:lines], closes[:lines])
        self._opened_in_line = _more(opens[lines:], closes[lines:]) + (0 if lines else opened)
        may_stand_beside = is_quote | is_border
        if (judged & ~(may_stand_beside[:-2] | may_stand_beside[2:])).any():
            self.is_odd = True
        elif opened or self._opened_in_line:
            # A cell spans lines, or a quote is out of place: the places of all tell.
            self.is_odd = self._is_out_of_place(judged, may_stand_beside, 0 if opened else lines)
        self._is_within ^= _is_uneven(judged)

    def _is_out_of_place(self, is_quote: np.ndarray, beside: np.ndarray, start: int) -> bool:
        """Tell whether a quote from `start` on stands elsewhere than at a border of its cell."""
        is_within = self._is_within ^ _is_uneven(is_quote[:start])
        places = np.flatnonzero(is_quote[start:]) + start
        opening, closing = places[is_within::2], places[not is_within :: 2]
        return not (beside[opening].all() and beside[closing + 2].all())


def _is_uneven(is_quote: np.ndarray) -> bool:
    return bool(np.count_nonzero(is_quote) % 2)


def _more(opens: np.ndarray, closes: np.ndarray) -> int:
    return int(np.count_nonzero(opens)) - int(np.count_nonzero(closes))


def rows_of(lines: Iterator[str], delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the cells of each row and the line where it ends, from 1.

    Raises `BadLine` where a quote opens a cell that does not end with its quote.
    """
    row: list[str] = []
    read = csv.reader(_noted(lines, row), delimiter=delimiter, strict=True)
    done = 0
    try:
        for cells in read:
            done = read.line_num
            row.clear()
            yield done, cells
    except csv.Error as error:
        for words, fault in FAULTS.items():
            if words in str(error):
                raise BadLine(done + _line_of_fault(row, delimiter), fault) from None
        raise BadLine(done + 1, str(error)) from None


def _noted(lines: Iterator[str], row: list[str]) -> Iterator[str]:
    for line in lines:
        row.append(line)
        yield line


def _line_of_fault(row: list[str], delimiter: str) -> int:
    """Return the line of a row, from 1, where the first cell opens that does not end well."""
    end = re.escape(delimiter)
    cell = re.compile(f'(?:"[^"]*+(?:""[^"]*+)*+"|[^"{end}][^{end}]*+)?{end}')
    text, at = "".join(row), 0
    while found := cell.match(text, at):
        at = found.end()
    starts = list(itertools.accumulate(map(len, row), initial=0))
    return bisect.bisect_right(starts, at)
