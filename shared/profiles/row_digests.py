"""Hashes of rows by their features and their time, by which it is known which rows repeat."""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa

from shared.profiles.counting_plan import CountingPlan, NumberPlan
from shared.schema import arrow

MULTIPLY = np.uint64(0x9E3779B97F4A7C15)
# Of a number that is missing.
NO_NUMBER = 0.5


def mix(digests: np.ndarray, bits: np.ndarray) -> None:
    """Take one more value of each row into its hash, shapes (rows,), by the value's bits."""
    digests ^= bits
    digests *= MULTIPLY
    digests ^= digests >> np.uint64(29)


def number_bits(every: np.ndarray) -> np.ndarray:
    """Return the bits of numbers, shape (rows,); all that are missing are alike."""
    # Where one is missing, so is the least.
    if np.isnan(every.min(initial=np.inf)):
        every = np.where(np.isnan(every), NO_NUMBER, every)
    return every.view("uint64")


def time_bits(moments: np.ndarray) -> np.ndarray:
    """Return the bits of moments, shape (rows,), in seconds since 1970."""
    return np.nan_to_num(moments).view("uint64")


def row_digests(table: pa.Table, plan: CountingPlan) -> tuple[np.ndarray, np.ndarray]:
    """Return hashes of rows as `Counter` makes them, with and without the time; shapes (rows,)."""
    timeless = np.zeros(table.num_rows, dtype="uint64")
    for column in plan.columns:
        if column.name in plan.watched or column.name not in table.column_names:
            continue
        if isinstance(column, NumberPlan):
            bits = number_bits(arrow.numbers(table[column.name])[0])
        else:
            bits = arrow.codes(table[column.name], column.categories)[0].astype("uint64")
        mix(timeless, bits)
    digests = timeless.copy()
    mix(digests, time_bits(arrow.seconds(table[plan.time])))
    return digests, timeless


def digests_in_time(
    parts: Iterable[pa.Table], plan: CountingPlan
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the hashes of the rows of some tables, as `row_digests`, and their rising moments.

    Rows without a time that can be read are left out. Shapes (rows,); moments are seconds since
    1970.
    """
    found = [(*row_digests(part, plan), arrow.seconds(part[plan.time])) for part in parts]
    digests, timeless, moments = map(np.concatenate, zip(*found, strict=True))
    order = np.argsort(moments, kind="stable")
    order = order[np.isfinite(moments[order])]
    return digests[order], timeless[order], moments[order]
