"""Frames as Parquet: what a run keeps of them can be read by whatever comes after this pandas."""

import io
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

# What Parquet does not keep of a frame is told in the file's own metadata, under this key.
KEY = b"millrace"
MISSING: dict[str, Any] = {"None": None, "NaN": float("nan"), "NaT": pd.NaT, "NA": pd.NA}
FIRST_ROWS = 1_000
# Of a frame with more rows no column is in memory twice, in Arrow's form and in that of pandas.
LARGE_ROWS = 1_000_000
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
    about = pq.ParquetFile(pa.BufferReader(content))
    described = _descriptions(about.schema_arrow)
    repeated = [what["repeated"] for what in described if "repeated" in what]
    if about.metadata.num_rows <= LARGE_ROWS:
        return _frame(_table(content, repeated).to_pandas(), described)
    with _giving_memory_back():
        return _frame(_apart(_table(content, repeated)), described)


def _table(content: bytes, repeated: list[str]) -> pa.Table:
    return pq.ParquetFile(pa.BufferReader(content), read_dictionary=repeated).read()


@contextmanager
def _giving_memory_back() -> Iterator[None]:
    """Let Arrow give back to the system what it frees: its own pool keeps as much as there was."""
    pool = pa.default_memory_pool()
    pa.set_memory_pool(pa.system_memory_pool())
    try:
        yield
    finally:
        pa.set_memory_pool(pool)


def _apart(table: pa.Table) -> pd.DataFrame:
    """Return a table, which is used up, as a frame of columns that lie apart from each other."""
    frame = table.to_pandas(split_blocks=True, self_destruct=True)
    labels, frame.columns = frame.columns, pd.RangeIndex(frame.shape[1])
    # One after another, so that what Arrow held of each is free before the next one is copied.
    columns = [_writeable(frame.pop(at)) for at in range(len(labels))]
    return _of_columns(columns, frame.index, labels)


def _writeable(column: pd.Series) -> pd.Series:
    if not isinstance(column.dtype, np.dtype) or column.to_numpy().flags.writeable:
        return column
    return pd.Series(column.to_numpy(copy=True), index=column.index, copy=False)


def _of_columns(columns: list[pd.Series], index: pd.Index, labels: pd.Index) -> pd.DataFrame:
    """Return a frame of columns, none of which is copied: to set one of a frame does."""
    frame = pd.DataFrame(dict(enumerate(columns)), index=index, copy=False)
    frame.columns = labels
    return frame


def _written(frame: pd.DataFrame) -> bytes:
    table = pa.Table.from_pandas(frame)
    names = table.column_names
    repeated = [name for name in names if _repeats(table[name])]
    columns = [frame.iloc[:, at] for at in range(frame.shape[1])]
    described = json.dumps(
        [
            _described(column, name, table[name])
            for column, name in zip(columns, names, strict=False)
        ]
    )
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), KEY: described})
    # Arrow's own buffer would be copied to make bytes of it.
    sink = io.BytesIO()
    # Where no value comes again, there is little to be pressed out of them.
    how = {name: "zstd" if name in repeated else "none" for name in names}
    pq.write_table(table, sink, compression=how, use_dictionary=repeated)
    return sink.getvalue()


def _repeats(column: pa.ChunkedArray) -> bool:
    """Tell whether values may come again and again; where not, Parquet would look at length."""
    return not pa.types.is_floating(column.type) or _is_of_few(column)


def _is_of_few(column: pa.ChunkedArray) -> bool:
    """Tell by the first rows whether values come twice on average."""
    first = column.slice(0, FIRST_ROWS)
    return 2 * len(first.unique()) <= len(first)


def _gives_back(content: bytes, frame: pd.DataFrame) -> bool:
    """Return whether a file has a frame: what Parquet may change is held against it by column."""
    file = pq.ParquetFile(pa.BufferReader(content))
    names = file.schema_arrow.names
    columns, index = names[: frame.shape[1]], names[frame.shape[1] :]
    empty = file.schema_arrow.empty_table()
    described = _descriptions(empty.schema)
    if not columns:
        return _same(_frame(file.read().to_pandas(), described), frame)
    # With any column comes the index, which is that of all.
    held = [at for at in range(len(columns)) if not _is_kept(frame.iloc[:, at])] or [0]
    table = file.read([*(columns[at] for at in held), *index])
    return _same_labels(_frame(empty.to_pandas(), described).columns, frame.columns) and all(
        _same(
            _frame(table.select([columns[at], *index]).to_pandas(), [described[at]]),
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
    if column.dtype != "object":
        return False
    # A fraction of what it takes to look at the type of each.
    if pd.api.types.infer_dtype(column, skipna=False) == "string":
        return True
    kinds = {*map(type, column)}
    return str in kinds and len(kinds) <= 2 and kinds <= {str, *map(type, MISSING.values())}


def _descriptions(schema: pa.Schema) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((schema.metadata or {}).get(KEY, b"[]"))
    return found


def _frame(frame: pd.DataFrame, described: list[dict[str, Any]]) -> pd.DataFrame:
    if not any(described):
        return frame
    columns = [
        _restored(frame.iloc[:, at], what) if what else frame.iloc[:, at]
        for at, what in enumerate(described)
    ]
    return _of_columns(columns, frame.index, frame.columns)


def _described(column: pd.Series, name: str, written: pa.ChunkedArray) -> dict[str, Any]:
    """Tell what is lost on the way: unused categories, whose time zone, how a gap is written.

    Texts that come again and again are told by the name of their column in the file.
    """
    zone = getattr(column.dtype, "tz", None)
    if isinstance(zone, ZoneInfo):
        return {"zone": zone.key}
    if isinstance(column.dtype, pd.CategoricalDtype):
        return {"categories": column.cat.categories.tolist(), "ordered": column.cat.ordered}
    if column.dtype != "object":
        return {}
    kinds = {_kind(value) for value in column[column.isna()]} if written.null_count else set()
    few = {"repeated": name} if pa.types.is_string(written.type) and _is_of_few(written) else {}
    return {"missing": kinds.pop() if len(kinds) == 1 else "None", **few}


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
    gaps = column.isna().to_numpy()
    column = column.astype(object)
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
