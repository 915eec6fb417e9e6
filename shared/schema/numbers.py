"""Numbers and whole numbers, read from whatever holds them, without the loss of a digit."""

from contextlib import suppress
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shared.schema.column_reading import (
    FIRST_UNSURE_FLOAT,
    LOSES_DIGITS,
    NOT_OF_TYPE,
    ColumnReading,
    are_finite,
    masked_array,
    missing_rows,
    of_no_kind,
    reading_of,
)
from shared.schema.contract import ContractColumn

NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
WHOLE = r"^[+-]?\d+(\.0*)?$"
MIN_INTEGER, MAX_INTEGER = -(2**63), 2**63 - 1
MOST_DIGITS = 30


def read_numbers(came: pa.ChunkedArray, expected: ContractColumn) -> ColumnReading:
    """Read numbers as float64: from numbers, decimals and texts of digits."""
    kind = came.type
    if pa.types.is_integer(kind):
        return _whole_as_floats(came)
    if pa.types.is_floating(kind):
        return _floats(came.cast(pa.float64()))
    if pa.types.is_decimal(kind):
        # Arrow's own cast is off by a bit (findings/pyarrow_decimals_become_other_floats.sh).
        return _without_lossy(came.cast(pa.string()).cast(pa.float64()))
    if pa.types.is_string(kind):
        return _numbers_of_texts(came)
    return of_no_kind(came, expected)


def _floats(came: pa.ChunkedArray) -> ColumnReading:
    # Without gaps no chunk is copied to be looked at.
    if not came.null_count and all(are_finite(chunk.to_numpy()) for chunk in came.chunks):
        return ColumnReading(came)
    found = came.to_numpy()
    infinite = np.isinf(found)
    if not infinite.any() and not (np.isnan(found).sum() > came.null_count):
        return ColumnReading(came)
    return reading_of(
        masked_array(found, ~np.isfinite(found), pa.float64()), (NOT_OF_TYPE["number"], infinite)
    )


def _whole_as_floats(came: pa.ChunkedArray) -> ColumnReading:
    made = came.cast(pa.float64(), safe=False)
    return ColumnReading(made) if came.type.bit_width <= 32 else _without_lossy(made)


def _without_lossy(made: pa.ChunkedArray) -> ColumnReading:
    """Refuse what was whole, or a decimal, and is too large for its digits to be kept."""
    lossy = np.abs(made.to_numpy()) >= FIRST_UNSURE_FLOAT
    if not lossy.any():
        return ColumnReading(made)
    return reading_of(pc.if_else(pa.array(~lossy), made, None), (LOSES_DIGITS, lossy))


def _numbers_of_texts(came: pa.ChunkedArray) -> ColumnReading:
    try:
        made = came.cast(pa.float64())
    except pa.ArrowInvalid:
        return _numbers_of_odd_texts(came)
    # Arrow reads "nan" and "inf" as well, and rounds long whole numbers.
    plain = pc.less(pc.abs(made), FIRST_UNSURE_FLOAT)
    return ColumnReading(made) if pc.all(plain).as_py() else _numbers_of_odd_texts(came)


def _numbers_of_odd_texts(came: pa.ChunkedArray) -> ColumnReading:
    readable = pc.match_substring_regex(came, NUMBER).fill_null(False).to_numpy()
    missing = missing_rows(came)
    # pandas' own reader of texts is off by a last digit now and then.
    kept = pc.if_else(pa.array(readable), pc.replace_substring_regex(came, r"^\+", ""), None)
    found = kept.cast(pa.float64()).to_numpy()
    whole = pc.match_substring_regex(came, WHOLE).fill_null(False).to_numpy()
    large = np.abs(found) >= FIRST_UNSURE_FLOAT
    lossy = large & whole
    for at in np.flatnonzero(large & ~whole & np.isfinite(found)):
        lossy[at] = Decimal(repr(float(found[at]))) != Decimal(kept[at].as_py())
    wrong = ~missing & ~lossy & ~np.isfinite(found)
    return reading_of(
        masked_array(found, missing | wrong | lossy, pa.float64()),
        (NOT_OF_TYPE["number"], wrong),
        (LOSES_DIGITS, lossy),
    )


def beyond_floats(texts: pa.ChunkedArray) -> np.ndarray:
    """Return which texts are numbers that are larger than any float."""
    readable = pc.match_substring_regex(texts, NUMBER)
    kept = pc.if_else(readable, pc.replace_substring_regex(texts, r"^\+", ""), None)
    return np.isinf(kept.cast(pa.float64()).to_numpy())


def is_whole(kind: pa.DataType) -> bool:
    """Tell whether a type holds whole numbers alone, as databases export their keys."""
    return pa.types.is_integer(kind) or (pa.types.is_decimal(kind) and kind.scale == 0)


def fit_floats(whole: pa.ChunkedArray) -> bool:
    """Tell whether floats, as models have them, keep every digit of these numbers.

    Of what is no whole number, nothing is lost.
    """
    if not is_whole(whole.type):
        return True
    ends = pc.min_max(whole).as_py()
    return ends["min"] is None or max(-ends["min"], ends["max"]) < FIRST_UNSURE_FLOAT


def read_integers(came: pa.ChunkedArray, expected: ContractColumn) -> ColumnReading:
    """Read whole numbers as int64, however they are held: 3.0 is 3."""
    kind = came.type
    if pa.types.is_integer(kind):
        return _within_int64(came)
    if pa.types.is_floating(kind):
        return integers_of_floats(came)
    if pa.types.is_decimal(kind) or pa.types.is_string(kind):
        return _integers_of_texts(came if pa.types.is_string(kind) else decimal_texts(came))
    return of_no_kind(came, expected)


def _within_int64(came: pa.ChunkedArray) -> ColumnReading:
    if not pa.types.is_uint64(came.type):
        return ColumnReading(came.cast(pa.int64()))
    beyond = pc.greater(came, pa.scalar(MAX_INTEGER, pa.uint64())).fill_null(False).to_numpy()
    kept = pc.if_else(pa.array(~beyond), came, None)
    return reading_of(kept.cast(pa.int64()), (LOSES_DIGITS, beyond))


def integers_of_floats(came: pa.ChunkedArray) -> ColumnReading:
    found, missing = came.cast(pa.float64()).to_numpy(), missing_rows(came)
    with np.errstate(invalid="ignore"):
        broken = ~missing & ~(np.mod(found, 1) == 0)
        lossy = ~missing & ~broken & (np.abs(found) >= FIRST_UNSURE_FLOAT)
    lacking = missing | broken | lossy
    whole = np.where(lacking, 0, found).astype("int64")
    return reading_of(
        masked_array(whole, lacking, pa.int64()),
        (NOT_OF_TYPE["integer"], broken),
        (LOSES_DIGITS, lossy),
    )


def _integers_of_texts(came: pa.ChunkedArray) -> ColumnReading:
    readable = pc.match_substring_regex(came, WHOLE).fill_null(False).to_numpy()
    missing = missing_rows(came)
    if (readable | missing).all():
        with suppress(pa.ArrowInvalid):
            return ColumnReading(came.cast(pa.int64()))
    digits = pc.replace_substring_regex(pc.if_else(pa.array(readable), came, "0"), r"\.0*$", "")
    digits = pc.replace_substring_regex(digits.fill_null("0"), r"^(?:\+|(-))?0*(\d)", r"\1\2")
    try:
        whole, beyond = digits.cast(pa.int64()), np.zeros(len(came), dtype=bool)
    except pa.ArrowInvalid:
        # Python reads no more than 4,300 digits; so many tell that a number is out of range.
        values = [int(text[:MOST_DIGITS]) for text in digits.to_pylist()]
        beyond = np.array([not MIN_INTEGER <= value <= MAX_INTEGER for value in values])
        kept = [0 if out else value for value, out in zip(values, beyond, strict=True)]
        whole = pa.chunked_array([pa.array(kept, pa.int64())])
    wrong = ~readable & ~missing
    return reading_of(
        pc.if_else(pa.array(~(missing | wrong | beyond)), whole, None),
        (NOT_OF_TYPE["integer"], wrong),
        (LOSES_DIGITS, beyond),
    )


def decimal_texts(came: pa.ChunkedArray) -> pa.ChunkedArray:
    texts = [None if value is None else f"{value:f}" for value in came.to_pylist()]
    return pa.chunked_array([pa.array(texts, pa.string())])
