"""Frames as Parquet: what a run keeps of them can be read by whatever comes after this pandas."""

import json
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

# What Parquet does not keep of a frame is told in the file's own metadata, under this key.
KEY = b"millrace"
MISSING: dict[str, Any] = {"None": None, "NaN": float("nan"), "NaT": pd.NaT, "NA": pd.NA}
FIRST_ROWS = 1_000
KEPT_TYPES = ("bool", "int8", "int16", "int32", "int64", "float32", "float64", "datetime64[ns]")


def with_values(frame: pd.DataFrame, columns: Mapping[str, Any]) -> pd.DataFrame:
    """Return a frame with these columns in place of its own: `assign`, but for any name.

    A column named `self` is no argument that pandas takes.
    """
    made = frame.copy(deep=False)
    for name, values in columns.items():
        made[name] = values
    return made


def to_parquet(frame: pd.DataFrame) -> bytes | None:
    """Return a frame as a Parquet file that gives it back as it is: values, index and types.

    None where Parquet cannot, such as for columns of objects of several types.
    """
    try:
        content = _written(frame)
        return content if _gives_back(content, frame) else None
    except (pa.ArrowException, TypeError, ValueError, KeyError, AttributeError):
        # Whatever cannot be written is the caller's to keep in another way.
        return None


def from_parquet(content: bytes) -> pd.DataFrame:
    """Return the frame that `to_parquet` made the bytes of."""
    table = pq.ParquetFile(pa.BufferReader(content)).read()
    return _frame(table, _descriptions(table))


def _written(frame: pd.DataFrame) -> bytes:
    table = pa.Table.from_pandas(frame)
    described = json.dumps([_described(frame.iloc[:, at]) for at in range(frame.shape[1])])
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), KEY: described})
    sink = pa.BufferOutputStream()
    repeated = [name for name in table.column_names if _repeats(table[name])]
    pq.write_table(table, sink, compression="zstd", use_dictionary=repeated)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _repeats(column: pa.ChunkedArray) -> bool:
    """Tell whether values may come again and again; where not, Parquet would look at length."""
    first = column.slice(0, FIRST_ROWS)
    return not pa.types.is_floating(column.type) or 2 * len(first.unique()) <= len(first)


def _gives_back(content: bytes, frame: pd.DataFrame) -> bool:
    """Return whether a file has a frame: what Parquet may change is held against it by column."""
    file = pq.ParquetFile(pa.BufferReader(content))
    names = file.schema_arrow.names
    columns, index = names[: frame.shape[1]], names[frame.shape[1] :]
    empty = file.schema_arrow.empty_table()
    described = _descriptions(empty)
    if not columns:
        return _same(_frame(file.read(), described), frame)
    # With any column comes the index, which is that of all.
    held = [at for at in range(len(columns)) if not _is_kept(frame.iloc[:, at])] or [0]
    table = file.read([*(columns[at] for at in held), *index])
    return _same_labels(_frame(empty, described).columns, frame.columns) and all(
        _same(
            _frame(table.select([columns[at], *index]), [described[at]]),
            frame.iloc[:, [at]],
        )
        for at in held
    )


def _is_kept(column: pd.Series) -> bool:
    """Tell whether a column that was written is known to come back as it was.

    Numbers and moments are, and so are texts, of which Arrow takes nothing else beside them but
    gaps, if these are alike.
    """
    if column.dtype in KEPT_TYPES:
        return True
    kinds = {*map(type, column)} if column.dtype == "object" else set[type]()
    return str in kinds and len(kinds) <= 2 and kinds <= {str, *map(type, MISSING.values())}


def _descriptions(table: pa.Table) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((table.schema.metadata or {}).get(KEY, b"[]"))
    return found


def _frame(table: pa.Table, described: list[dict[str, Any]]) -> pd.DataFrame:
    frame = table.to_pandas()
    restored = {at: _restored(frame.iloc[:, at], what) for at, what in enumerate(described) if what}
    for at, column in restored.items():
        frame.isetitem(at, column)
    return frame


def _described(column: pd.Series) -> dict[str, Any]:
    """Tell what is lost on the way: unused categories, whose time zone, how a gap is written."""
    zone = getattr(column.dtype, "tz", None)
    if isinstance(zone, ZoneInfo):
        return {"zone": zone.key}
    if isinstance(column.dtype, pd.CategoricalDtype):
        return {"categories": column.cat.categories.tolist(), "ordered": column.cat.ordered}
    if column.dtype != "object":
        return {}
    kinds = {_kind(value) for value in column[column.isna()]}
    return {"missing": kinds.pop() if len(kinds) == 1 else "None"}


def _kind(value: Any) -> str:
    return next(
        (name for name, known in MISSING.items() if known is not None and value is known),
        "None" if value is None else "NaN",
    )


def _restored(column: pd.Series, described: dict[str, Any]) -> pd.Series:
    if "categories" in described:
        kind = pd.CategoricalDtype(described["categories"], described["ordered"])
        return column.astype(kind)
    if "zone" in described:
        return column.dt.tz_convert(ZoneInfo(described["zone"]))
    column = column.astype(object)
    gaps = column.isna().to_numpy()
    if gaps.any():
        values = column.to_numpy(copy=True)
        values[gaps] = MISSING[described["missing"]]
        column = pd.Series(values, index=column.index, name=column.name, dtype=object)
    return column


def _same(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    """Return whether two frames are alike to the type of each value."""
    return (
        one.equals(other)
        and _same_labels(one.index, other.index)
        and _same_labels(one.columns, other.columns)
        and one.dtypes.tolist() == other.dtypes.tolist()
        and all(
            [*map(type, one.iloc[:, at])] == [*map(type, other.iloc[:, at])]
            for at, kind in enumerate(other.dtypes)
            if kind == "object"
        )
    )


def _same_labels(one: pd.Index, other: pd.Index) -> bool:
    """Return whether labels are alike; of one type all of them are, unless that is `object`."""
    return one.identical(other) and (
        one.dtype != "object" or [*map(type, one)] == [*map(type, other)]
    )
