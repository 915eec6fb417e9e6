"""A prediction log as Parquet files, one for each table and day (UTC)."""

import itertools
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from shared.errors import Refusal
from shared.log import contents
from shared.log.contents import MOMENTS, NAMES
from shared.utc import as_utc

ROWS_AT_ONCE = 20_000
# What SQL's types are in a file; whole numbers and texts beside them.
TYPES: tuple[tuple[type[sa.types.TypeEngine[Any]], pa.DataType], ...] = (
    (sa.Boolean, pa.bool_()),
    (sa.DateTime, pa.timestamp("us", tz="UTC")),
    (sa.Integer, pa.int64()),
    (sa.Float, pa.float64()),
)
DayExported = Callable[[str, date, int], None]


def export(
    problem: str, folder: Path, since: date | None, until: date | None, on_day: DayExported
) -> dict[str, int]:
    """Write a log's rows of the days from `since` to before `until`; returns rows by table.

    The files are `{table}/day=2013-05-01/{table}.parquet`. A day's file is replaced as a whole,
    when the new one is complete, so that exporting again changes nothing. `on_day` hears of
    each file. Predictions belong to the day of their time, outcomes to that of their arrival.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Refusal(f"{folder} cannot be a folder: {error.strerror}") from None
    counts = {}
    with contents.opened(problem) as (connection, tables):
        streaming = connection.execution_options(yield_per=ROWS_AT_ONCE)
        for name in NAMES:
            table, moment = tables[name], tables[name].c[MOMENTS[name]]
            query = sa.select(table).order_by(moment)
            if since:
                query = query.where(moment >= _midnight(since, streaming))
            if until:
                query = query.where(moment < _midnight(until, streaming))
            batches = streaming.execute(query).partitions()
            at = table.columns.keys().index(MOMENTS[name])
            schema = pa.schema([(column.name, _type(column.type)) for column in table.columns])
            counts[name] = _write(folder, name, schema, _by_day(batches, at), on_day)
    return counts


def _midnight(day: date, connection: sa.Connection) -> datetime:
    moment = datetime.combine(day, time(), UTC)
    return moment.replace(tzinfo=None) if connection.dialect.name == "sqlite" else moment


def _type(kind: Any) -> pa.DataType:
    return next((made for sql, made in TYPES if isinstance(kind, sql)), pa.string())


def _by_day(
    batches: Iterator[Sequence[sa.Row[Any]]], at: int
) -> Iterator[tuple[date, Sequence[sa.Row[Any]]]]:
    """Yield parts of batches that are in order of time, each of one day."""
    for batch in batches:
        begun = 0
        while begun < len(batch):
            day = as_utc(batch[begun][at]).date()
            following = datetime.combine(day + timedelta(days=1), time(), UTC)
            end = bisect_left(batch, following, begun, key=lambda row: as_utc(row[at]))
            yield day, batch[begun:end]
            begun = end


def _write(
    folder: Path,
    name: str,
    schema: pa.Schema,
    parts: Iterator[tuple[date, Sequence[sa.Row[Any]]]],
    on_day: DayExported,
) -> int:
    total = 0
    for day, of_day in itertools.groupby(parts, key=lambda part: part[0]):
        place = folder / name / f"day={day}" / f"{name}.parquet"
        place.parent.mkdir(parents=True, exist_ok=True)
        unfinished = place.with_suffix(".part")
        written = 0
        with pq.ParquetWriter(unfinished, schema) as file:
            for _, rows in of_day:
                file.write_batch(_batch(rows, schema))
                written += len(rows)
        unfinished.replace(place)
        on_day(name, day, written)
        total += written
    return total


def _batch(rows: Sequence[sa.Row[Any]], schema: pa.Schema) -> pa.RecordBatch:
    columns = []
    for kind, values in zip(schema.types, zip(*rows, strict=True), strict=True):
        # Arrow takes what a clock shows for UTC, wherever it hangs.
        is_moment = pa.types.is_timestamp(kind)
        columns.append([as_utc(v) if v and is_moment else v for v in values])
    return pa.record_batch(columns, schema=schema)
