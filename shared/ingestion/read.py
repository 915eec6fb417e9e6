"""Rows read from the origin, screened by the contract, and staged by day."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from shared.errors import Refusal
from shared.ingestion.origin_contract import with_columns
from shared.ingestion.plan import REJECTED, ROWS, IngestPlan, ReadPart, table_schema
from shared.schema import arrow, validation
from shared.schema.cells import cells_of_contract, cells_of_settings
from shared.schema.reading import plain_column, read_column
from shared.schema.validation import Screened
from shared.settings import Settings
from shared.tables import delta, sources, storage
from shared.words import number_of

# Days that one task may stage; an origin of more than a century is a mistake in its times.
MOST_DAYS = 40_000
# S3 is written in parts of some 10 MB, which each open file holds.
MOST_OPEN_FILES, MOST_OPEN_ON_S3 = 256, 16
UNKNOWN = "unknown"


@dataclass
class RowsRead:
    """What became of rows: `staged` are rows by kind and day, `reasons` rows by their words."""

    received: int = 0
    accepted: int = 0
    rejected: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    staged: dict[str, Counter[str]] = field(
        default_factory=lambda: {ROWS: Counter(), REJECTED: Counter()}
    )


def stage_part(plan: IngestPlan, part: ReadPart, settings: Settings) -> RowsRead:
    """Read one part of the origin in batches, and stage its rows; memory is that of a batch."""
    read = RowsRead()
    batches = _screened(plan, part, settings, read)
    schema = table_schema(plan.contract)
    _stage(plan, ROWS, part, pa.RecordBatchReader.from_batches(schema, batches))
    return read


def _screened(
    plan: IngestPlan, part: ReadPart, settings: Settings, read: RowsRead
) -> Iterator[pa.RecordBatch]:
    cells, said = cells_of_contract(plan.contract, settings.csv), cells_of_settings(settings).truths
    # Which text is false, or a class, no row may have said yet.
    truths = {n: {*said.get(n, ()), *cells.truths.get(n, ())} for n in {*said, *cells.truths}}
    tables = sources.source_batches(
        settings,
        part.files,
        plan.since,
        settings.ingest.batch_rows,
        cells=replace(cells, truths=truths),
    )
    for number, table in enumerate(tables):
        _refuse_new_values(plan, table)
        rows = with_columns(table, plan.names, settings).select(plan.names)
        screened = validation.screen(rows, plan.contract, plan.names)
        read.received += table.num_rows
        read.accepted += screened.rows.num_rows
        read.rejected += screened.rejected.num_rows
        read.reasons.update(r for reasons in screened.reasons for r in reasons.split("; "))
        if screened.reasons:
            _set_aside(plan, part, number, screened, read)
        days = pc.strftime(screened.rows[plan.contract.time], format="%Y-%m-%d")
        read.staged[ROWS].update(_counts(days))
        by_day = screened.rows.append_column(delta.DAY, days)
        yield from by_day.cast(table_schema(plan.contract)).to_batches()
        if number % 10 == 9:
            print(f"{number_of(read.received, 'row')} read, {read.rejected:,} of them rejected")


def _refuse_new_values(plan: IngestPlan, table: pa.Table) -> None:
    """Raise a `Refusal` where a column has values that had none when the ingest was planned."""
    for name in {*plan.without_values} & {*table.column_names}:
        if not table[name].is_null(nan_is_null=True).to_numpy().all():
            raise Refusal(
                f"column {name!r} had no value when the ingest began, but has some now: "
                "run it again, and the column gets its type"
            )


def _set_aside(
    plan: IngestPlan, part: ReadPart, number: int, screened: Screened, read: RowsRead
) -> None:
    """Stage rejected rows as texts, each named by what is in it, so that none is kept twice."""
    texts = {name: arrow.texts(plain_column(screened.rejected[name])) for name in plan.names}
    held = pa.table(texts).to_pandas().fillna("")
    row = [f"{hashed:016x}" for hashed in pd.util.hash_pandas_object(held, index=False)]
    moments = read_column(screened.rejected[plan.contract.time], plan.contract[plan.contract.time])
    days = pc.strftime(moments.values, format="%Y-%m-%d").fill_null(UNKNOWN)
    named = {plan.row_name: row, plan.reason_name: screened.reasons}
    columns = {**named, **texts, delta.DAY: days}
    table = pa.table(columns).cast(plan.rejected_schema)
    read.staged[REJECTED].update(_counts(table[delta.DAY]))
    _stage(plan, REJECTED, part, table, f"-{number:06d}")


def _stage(
    plan: IngestPlan,
    kind: str,
    part: ReadPart,
    rows: pa.Table | pa.RecordBatchReader,
    more: str = "",
) -> None:
    where = storage.place(f"{plan.staging}/{kind}")
    most_open = MOST_OPEN_ON_S3 if plan.staging.startswith(storage.S3) else MOST_OPEN_FILES
    with storage.reaching(plan.staging):
        ds.write_dataset(
            rows,
            where.path,
            filesystem=where.files,
            format="parquet",
            partitioning=ds.partitioning(pa.schema([(delta.DAY, pa.string())]), flavor="hive"),
            # Of rows with the same key the last counts, so that they have to stay in their order.
            basename_template=f"part-{part.number:04d}{more}-{{i}}.parquet",
            use_threads=False,
            max_partitions=MOST_DAYS,
            max_open_files=most_open,
            existing_data_behavior="overwrite_or_ignore",
        )


def _counts(days: pa.ChunkedArray) -> dict[str, int]:
    counted = pc.value_counts(days).to_pylist()
    return {pair["values"]: pair["counts"] for pair in counted}
