"""What a new table's columns are like, one by one: as they were guessed, missing, spread."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shared.schema import arrow
from shared.schema.reading import plain_column
from shared.starting.guessing.guess import Guess

BINS = 24
# The shares of a picture's numbers at its ends; what is beyond is in its first and last bar.
ENDS = (0.01, 0.99)
MOST_VALUES = 8
MOST_TEXT = 40
Bars = tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class ColumnLook:
    """A column in the rows that were looked at.

    `kind` is what its cells are, `role` what was guessed of it, and `warnings` why it is left out
    or what to beware of. `missing` is a share; `distinct` is None of what cannot be counted.
    `bars` are rows by value, or from the smallest number or moment to the largest.
    """

    name: str
    kind: str
    role: str
    missing: float
    distinct: int | None
    values: str
    warnings: tuple[str, ...]
    bars: Bars


def column_looks(found: Guess) -> list[ColumnLook]:
    """Return a look at each column, in the table's order."""
    return [_look(found, name) for name in found.look.sample.column_names]


def _look(found: Guess, name: str) -> ColumnLook:
    values = plain_column(found.look.sample[name])
    there = values.drop_null()
    words, bars = _spread(name, there, found)
    left_out = found.left_out.get(name)
    warnings = [w for w in found.warnings if w.startswith((f"{name} ", f"{name},"))]
    return ColumnLook(
        name,
        _kind(values.type),
        _role(found, name),
        values.null_count / max(1, len(values)),
        _distinct(there),
        words,
        (*([left_out] if left_out else []), *warnings),
        bars,
    )


def _kind(kind: pa.DataType) -> str:
    if pa.types.is_null(kind):
        return "nothing"
    if pa.types.is_boolean(kind):
        return "true or false"
    if pa.types.is_integer(kind):
        return "whole number"
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return "number"
    if pa.types.is_temporal(kind):
        return "time"
    return "text" if pa.types.is_string(kind) else str(kind)


def _role(found: Guess, name: str) -> str:
    time = found.time.name if found.time else None
    special = {found.target.name: f"target: {found.target.kind}", found.key: "key", time: "time"}
    is_feature = "feature" if name in found.features else "left out"
    return special.get(name, is_feature)


def _distinct(values: pa.ChunkedArray) -> int | None:
    try:
        return int(pc.count_distinct(values).as_py())
    except pa.ArrowNotImplementedError:
        return None


def _spread(name: str, values: pa.ChunkedArray, found: Guess) -> tuple[str, Bars]:
    """Return what a column's values are in words, and how many rows have which."""
    kind = values.type
    if found.time and name == found.time.name:
        return _binned(found.time.seconds, is_time=True)
    if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
        micros = values.cast(pa.timestamp("us", getattr(kind, "tz", None))).cast(pa.int64())
        return _binned(micros.to_numpy() / 1e6, is_time=True)
    if _kind(kind) in ("number", "whole number") and (_distinct(values) or 0) > MOST_VALUES:
        return _binned(arrow.numbers(values)[0])
    try:
        counts = pc.value_counts(values).to_pylist()
    except pa.ArrowNotImplementedError:
        return "", ()
    counts.sort(key=lambda row: (-row["counts"], str(row["values"])))
    bars = tuple((_text(row["values"]), row["counts"]) for row in counts[:MOST_VALUES])
    return ", ".join(text for text, _ in bars[:3]) + ", …" * (len(counts) > 3), bars


def _binned(numbers: np.ndarray, is_time: bool = False) -> tuple[str, Bars]:
    """Return the ends of numbers, and how many are in each bin, which is named by its start."""
    known = numbers[np.isfinite(numbers)]
    if not len(known):
        return "", ()
    ends = [np.quantile(known, at, method="inverted_cdf") for at in ENDS]
    # Large numbers can be so near to each other that there is nothing between them.
    between = (ends[1] - ends[0]) / np.spacing(np.abs(ends).max())
    bins = int(min(BINS, max(between / 2, 1)))
    held = np.clip(known, *ends)
    counts, edges = np.histogram(held, bins) if between else ([len(held)], [ends[0], ends[0]])
    write = _day if is_time else _text
    bars = tuple((write(float(at)), int(n)) for at, n in zip(edges[:-1], counts, strict=True))
    return f"{write(float(known.min()))} to {write(float(known.max()))}", bars


def _day(seconds: float) -> str:
    return str(np.datetime64(int(seconds), "s"))[:10]


def _text(value: object) -> str:
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return text if len(text) <= MOST_TEXT else f"{text[: MOST_TEXT - 1]}…"
