"""Texts and categories, read from texts and whole numbers."""

import re
from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shared.schema.column_reading import (
    NOT_OF_TYPE,
    ColumnReading,
    missing_rows,
    of_no_kind,
    reading_of,
)
from shared.schema.contract import ContractColumn
from shared.schema.numbers import WHOLE, decimal_texts, integers_of_floats

TOO_LONG = "a text of more than 1,000 characters"
HOLDS_NUL = "a text with a null character"
LONGEST_TEXT = 1_000


def neither_of(truths: tuple[str, str]) -> str:
    """Return what is said of a text that is none of a column's own for false and true."""
    return f"neither {truths[0]} nor {truths[1]}"


def read_texts(came: pa.ChunkedArray, expected: ContractColumn) -> ColumnReading:
    """Read texts as they are; a whole number is the text of its digits.

    Where two of them stand for false and true, there are no others.
    """
    reading = _texts(came, expected)
    if expected.truths is None or expected.type == "boolean":
        return reading
    known = pc.is_in(reading.values.cast(pa.string()), pa.array(expected.truths))
    wrong = ~known.to_numpy() & ~missing_rows(reading.values)
    values = pc.if_else(pa.array(~wrong), reading.values.cast(pa.string()), None)
    return reading_of(values, *reading.unreadable.items(), (neither_of(expected.truths), wrong))


def _texts(came: pa.ChunkedArray, expected: ContractColumn) -> ColumnReading:
    kind = came.type
    if pa.types.is_integer(kind):
        return ColumnReading(came.cast(pa.string()))
    if pa.types.is_floating(kind):
        whole = integers_of_floats(came)
        unreadable = dict(whole.unreadable)
        if NOT_OF_TYPE["integer"] in unreadable:
            unreadable[NOT_OF_TYPE["text"]] = unreadable.pop(NOT_OF_TYPE["integer"])
        return ColumnReading(whole.values.cast(pa.string()), unreadable)
    if pa.types.is_decimal(kind):
        texts = decimal_texts(came)
        whole_texts = pc.match_substring_regex(texts, WHOLE).fill_null(False)
        digits = pc.replace_substring_regex(pc.if_else(whole_texts, texts, None), r"\.0*$", "")
        wrong = ~whole_texts.to_numpy() & ~missing_rows(texts)
        return reading_of(digits, (NOT_OF_TYPE["text"], wrong))
    texts_held = kind.value_type if pa.types.is_dictionary(kind) else kind
    if not pa.types.is_string(texts_held):
        return of_no_kind(came, expected)
    return _fitting(came)


def zeros_lost(values: Iterable[str], categories: Iterable[str]) -> dict[str, str]:
    """Return the categories that values are without their zeros: 12 is 012, or 12.0."""
    digits = {each: re.sub(r"^0+(?=\d)|\.0+$", "", each) for each in categories}
    written = {short: each for each, short in digits.items() if short != each and short.isdecimal()}
    return {value: written[value] for value in values if value in written}


def _fitting(came: pa.ChunkedArray) -> ColumnReading:
    """Refuse texts that are too long, and those that no database can hold."""
    held = [c.dictionary if pa.types.is_dictionary(c.type) else c for c in came.chunks]
    if not any(_odd(texts) for texts in held):
        return ColumnReading(came)
    texts = came.cast(pa.string())
    long = pc.greater(pc.utf8_length(texts), LONGEST_TEXT).fill_null(False).to_numpy()
    nul = pc.match_substring(texts, "\0").fill_null(False).to_numpy() & ~long
    kept = pc.if_else(pa.array(~(long | nul)), texts, None)
    return reading_of(kept, (TOO_LONG, long), (HOLDS_NUL, nul))


def _odd(texts: pa.Array) -> bool:
    longest = pc.max(pc.binary_length(texts)).as_py() or 0
    if longest > LONGEST_TEXT and (pc.max(pc.utf8_length(texts)).as_py() or 0) > LONGEST_TEXT:
        return True
    return _has_nul(texts) and bool(pc.any(pc.match_substring(texts, "\0")).as_py())


def _has_nul(texts: pa.Array) -> bool:
    """Tell whether the bytes of texts, or of gaps between them, have a null character."""
    _, ends, held = texts.buffers()
    if held is None or not len(texts):
        return False
    first, last = np.frombuffer(ends, "int32")[[texts.offset, texts.offset + len(texts)]]
    return not np.frombuffer(held, "uint8")[first:last].all()
