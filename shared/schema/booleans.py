"""Booleans, read from booleans, from 0 and 1, and from the texts that stand for them."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shared.schema.column_reading import (
    NOT_OF_TYPE,
    ColumnReading,
    masked_array,
    missing_rows,
    of_no_kind,
    reading_of,
)
from shared.schema.contract import ContractColumn
from shared.schema.numbers import read_numbers
from shared.schema.texts import neither_of, read_texts

TRUE_TEXTS = ("true", "t", "yes", "y", "1")
FALSE_TEXTS = ("false", "f", "no", "n", "0")


def read_booleans(came: pa.ChunkedArray, expected: ContractColumn) -> ColumnReading:
    """Read booleans: from booleans, 0 and 1, and the texts that stand for them."""
    kind = came.type
    if expected.truths is not None:
        return _read_truths(came, expected)
    if pa.types.is_boolean(kind):
        return ColumnReading(came)
    missing = missing_rows(came)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        found = came.cast(pa.float64(), safe=False).to_numpy()
        true, false = found == 1, found == 0
    elif pa.types.is_string(kind):
        true, false = (
            pc.is_in(plain_truths(came), pa.array(texts)).fill_null(False).to_numpy()
            for texts in (TRUE_TEXTS, FALSE_TEXTS)
        )
    else:
        return of_no_kind(came, expected)
    known = true | false
    return reading_of(
        masked_array(true, ~known, pa.bool_()), (NOT_OF_TYPE["boolean"], ~known & ~missing)
    )


def are_other_codes(came: pa.ChunkedArray, read: ColumnReading) -> bool:
    """Tell whether booleans came as other codes, beside 0 alone or 1: of 1 and 2, which is true?

    A code is a whole number of two digits at most; `read` is what was read of them.
    """
    odd = read.unreadable.get(NOT_OF_TYPE["boolean"])
    if odd is None or len(read.values.drop_null().unique()) != 1:
        return False
    numbers = read_numbers(came.filter(pa.array(odd)), ContractColumn(name="code", type="number"))
    codes = numbers.values.drop_null().to_numpy()
    return len(codes) > 0 and bool(np.all((np.abs(codes) < 100) & (codes == np.round(codes))))


def plain_truths(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return texts as `TRUE_TEXTS` and `FALSE_TEXTS` have them: in lower case, 1.00 as 1."""
    return pc.replace_substring_regex(pc.utf8_lower(texts), r"^([01])\.0+$", r"\1")


def _read_truths(came: pa.ChunkedArray, expected: ContractColumn) -> ColumnReading:
    """Read a boolean that has texts of its own: what is false, and what is true."""
    assert expected.truths
    if pa.types.is_boolean(came.type):
        return ColumnReading(came)
    false, true = expected.truths
    texts = read_texts(came, expected).values.cast(pa.string())
    is_true = pc.equal(texts, true).fill_null(False).to_numpy()
    known = is_true | pc.equal(texts, false).fill_null(False).to_numpy()
    wrong = ~known & ~missing_rows(came)
    return reading_of(
        masked_array(is_true, ~known, pa.bool_()), (neither_of(expected.truths), wrong)
    )
