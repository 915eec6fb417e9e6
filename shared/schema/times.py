"""Times, read from timestamps, dates and texts: ISO 8601, or as the contract says."""

from contextlib import suppress

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from shared.schema.column_reading import (
    MOMENT,
    NOT_OF_TYPE,
    ColumnReading,
    missing_rows,
    of_no_kind,
    reading_of,
)
from shared.schema.contract import ContractColumn
from shared.sections.columns import SINCE_1970

OUT_OF_YEARS = "a time before 1900 or after 2200"
YEARS = range(1900, 2201)
FIRST_MOMENT = pd.Timestamp(f"{YEARS.start}-01-01", tz="UTC")
END_MOMENT = pd.Timestamp(f"{YEARS.stop}-01-01", tz="UTC")
# What Arrow's expressions and Python's (of ASCII) read alike.
ISO = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?( ?(Z|[+-][0-9]{2}(:?[0-9]{2})?))?)?$"
)

NUMBER = r"^[+-]?[0-9]{1,18}(\.[0-9]{1,9})?$"

BELOW_MICROSECONDS = r"\.\d{6}\d*[1-9]"


def read_times(came: pa.ChunkedArray, expected: ContractColumn) -> ColumnReading:
    """Read times as microseconds in UTC, where they name no zone as well.

    Further digits of a second are cut.
    """
    kind = came.type
    if pa.types.is_timestamp(kind):
        zoned = came if kind.tz else came.cast(pa.timestamp(kind.unit, "UTC"))
        return _within_years(_microseconds(zoned))
    if pa.types.is_date(kind):
        return _within_years(came.cast(pa.timestamp("s" if pa.types.is_date32(kind) else "ms")))
    if pa.types.is_string(kind):
        return _times_of_texts(came, expected)
    if expected.format in SINCE_1970 and (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        numbers = came.cast(pa.float64(), safe=False).to_numpy()
        return _since_1970(numbers, ~missing_rows(came), SINCE_1970[expected.format])
    return of_no_kind(came, expected)


def finer_times(came: pa.ChunkedArray) -> np.ndarray:
    """Return which of n values have digits of a second below the microsecond: they are cut."""
    kind = came.type
    if pa.types.is_timestamp(kind) and kind.unit == "ns":
        nanoseconds = came.cast(pa.int64()).fill_null(0).to_numpy()
        return np.asarray(nanoseconds % 1_000 != 0)
    if pa.types.is_string(kind):
        return np.asarray(
            pc.match_substring_regex(came, BELOW_MICROSECONDS).fill_null(False).to_numpy()
        )
    return np.zeros(len(came), dtype=bool)


def _microseconds(came: pa.ChunkedArray) -> pa.ChunkedArray:
    # Beyond what microseconds hold only seconds and milliseconds reach: out of the years anyway.
    if came.type.unit not in ("us", "ns"):
        return came
    with suppress(pa.ArrowInvalid):
        return came.cast(MOMENT)
    # An unsafe cast cuts toward 1970, texts are cut toward the past.
    return pc.floor_temporal(came, unit="microsecond").cast(MOMENT)


def _within_years(came: pa.ChunkedArray) -> ColumnReading:
    zoned = came if came.type.tz else came.cast(pa.timestamp(came.type.unit, "UTC"))
    unit = zoned.type.unit
    first, end = (pa.scalar(m.as_unit(unit), zoned.type) for m in (FIRST_MOMENT, END_MOMENT))
    inside = pc.and_(pc.greater_equal(zoned, first), pc.less(zoned, end)).fill_null(True)
    if pc.all(inside).as_py() is not False:
        return ColumnReading(zoned.cast(MOMENT, safe=False))
    kept = pc.if_else(inside, zoned, None).cast(MOMENT, safe=False)
    return reading_of(kept, (OUT_OF_YEARS, ~inside.to_numpy()))


def _since_1970(numbers: np.ndarray, known: np.ndarray, scale: int) -> ColumnReading:
    """Read numbers of seconds or milliseconds, where they are `known`."""
    micros = np.nan_to_num(numbers, nan=np.inf, posinf=np.inf, neginf=-np.inf) * scale
    far = (micros < FIRST_MOMENT.timestamp() * 1e6) | (micros >= END_MOMENT.timestamp() * 1e6)
    lacking = far | ~known
    whole = np.where(lacking, 0, micros).round().astype("int64")
    read = pa.chunked_array([pa.array(whole, mask=lacking).cast(MOMENT)])
    return reading_of(read, (OUT_OF_YEARS, far & known))


def _times_of_texts(came: pa.ChunkedArray, expected: ContractColumn) -> ColumnReading:
    if expected.format in SINCE_1970:
        return _times_of_digits(came, expected)
    iso = pc.match_substring_regex(came, ISO).fill_null(False).to_numpy()
    missing = missing_rows(came)
    if expected.format is None and (iso | missing).all():
        # Arrow takes a column whose texts all name a zone, or none does.
        for kind in (MOMENT, pa.timestamp("us")):
            with suppress(pa.ArrowInvalid):
                return _within_years(came.cast(kind))
    return _times_of_odd_texts(came, iso, missing, expected.format)


def _times_of_digits(came: pa.ChunkedArray, expected: ContractColumn) -> ColumnReading:
    """Read texts of numbers since 1970, and of ISO 8601 as they are."""
    digits = pc.match_substring_regex(came, NUMBER).fill_null(False)
    rest = pc.if_else(digits, None, came)
    iso = _times_of_texts(rest, expected.model_copy(update={"format": None}))
    numbers = pc.if_else(digits, came, None).cast(pa.float64()).to_numpy()
    since = _since_1970(numbers, digits.to_numpy(), SINCE_1970[str(expected.format)])
    words = f"not a number of {expected.format} since 1970"
    none = np.zeros(len(came), dtype=bool)
    far = [read.unreadable.get(OUT_OF_YEARS, none) for read in (iso, since)]
    odd = iso.unreadable.get(NOT_OF_TYPE["time"], none)
    both = pc.coalesce(since.values, iso.values)
    return reading_of(both, (OUT_OF_YEARS, far[0] | far[1]), (words, odd))


def _times_of_odd_texts(
    came: pa.ChunkedArray, iso: np.ndarray, missing: np.ndarray, form: str | None
) -> ColumnReading:
    # Nanoseconds, in which pandas reads, do not reach as far as four digits of a year.
    years = pc.utf8_slice_codeunits(pc.if_else(pa.array(iso), came, "2000"), 0, 4)
    # A zone may bring the year before, or the one after, into them.
    near = range(YEARS.start - 1, YEARS.stop + 1)
    far = ~np.isin(years.fill_null("2000").cast(pa.int32()).to_numpy(), near)
    moments = _parsed(came, form or "ISO8601", np.ones_like(iso) if form else iso & ~far)
    rest = iso & ~far & moments.isna().to_numpy()
    if form and rest.any():
        moments = moments.where(~rest, _parsed(came, "ISO8601", rest))
    far &= moments.isna().to_numpy()
    unreadable = moments.isna().to_numpy() & ~missing & ~far
    words = f"not a time as {form} writes it" if form else NOT_OF_TYPE["time"]
    moments_read = pa.chunked_array([pa.array(moments, MOMENT, from_pandas=True)])
    reading = _within_years(moments_read)
    far |= reading.unreadable.get(OUT_OF_YEARS, False)
    return reading_of(reading.values, (OUT_OF_YEARS, far), (words, unreadable))


def _parsed(came: pa.ChunkedArray, form: str, rows: np.ndarray) -> pd.Series:
    texts = pc.if_else(pa.array(rows), came, None).to_pandas().astype(object)
    return pd.to_datetime(texts, utc=True, errors="coerce", format=form).dt.as_unit("us")
