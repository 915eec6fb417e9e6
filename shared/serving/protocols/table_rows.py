"""Rows that come as a table: an Arrow IPC stream, or a Parquet file; read in this order.

Names and types are compared with the contract before any row is looked at, rows are counted before
they are read, and what they take is added up, column by column, before it is taken.
"""

import itertools
import struct
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

from shared.errors import Refusal
from shared.log.refused_rows import UNKNOWN, RefusedRows, RowFault, refused_rows
from shared.schema.column_reading import NOT_OF_TYPE
from shared.schema.contract import ContractColumn
from shared.serving.protocols import arrow_messages, parquet_pages
from shared.serving.protocols.column_sizes import is_plain, is_text, row_bytes
from shared.serving.protocols.columnar import ARROW
from shared.serving.request_rows.reading import moved, not_a_name, typed_columns
from shared.serving.request_rows.validation_errors import (
    MAX_ERRORS,
    MAX_RECEIVED_LENGTH,
    FieldError,
    InvalidRows,
    shown,
)
from shared.words import number_of

# What the rows of a table may take.
MAX_UNPACKED_BYTES = 64 * 1024 * 1024
UNREADABLE = (
    *(pa.ArrowException, OSError, struct.error, LookupError),
    *(ValueError, TypeError, OverflowError, MemoryError, RecursionError),
)
# So many rows are read at once; of the first ones fewer, as a mistake is mostly in all of them.
FIRST_ROWS, PART_ROWS = 500, 10_000
# What pandas calls an index without a name when it writes one.
PANDAS_INDEX = "__index_level_"
Columns: TypeAlias = list[pa.ChunkedArray]


class TableReader:
    """Reads tables as columns of the contract's types, in its order; there may be `most` rows."""

    def __init__(self, expected: Sequence[ContractColumn], most: int) -> None:
        self.expected, self._most = expected, most

    def read(self, body: bytes, kind: bytes) -> list[Columns]:
        """Return a table's columns, read, in parts of so many rows.

        Raises `InvalidRows` for what is wrong with names or values, and `Refusal` where the body is
        no table, or larger than is taken.
        """
        try:
            came = self._arrow(body) if kind == ARROW else self._parquet(body)
            return self._typed(came)
        except Refusal as refusal:
            raise Refusal(f"the table is not taken: {refusal}") from None
        except UNREADABLE as error:
            words = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise Refusal(f"the body cannot be read as {kind.decode()}: {words[:300]}") from None

    def _arrow(self, body: bytes) -> dict[str, pa.ChunkedArray]:
        arrow_messages.refuse_messages(body)
        batches, rows = [], 0
        with pa.ipc.open_stream(body) as stream:
            self._refuse_names(stream.schema, lambda: self._count(stream))
            for batch in stream:
                rows += batch.num_rows
                self._refuse_many(rows)
                # What comes from outside may point anywhere.
                batch.validate(full=True)
                batches.append(batch)
            table = pa.Table.from_batches(batches, stream.schema)
        self._refuse_none(rows)
        return _taken((name, table[name]) for name in table.column_names)

    def _parquet(self, body: bytes) -> dict[str, pa.ChunkedArray]:
        footer = parquet_pages.read_footer(body)
        self._refuse_many(parquet_pages.rows(footer))
        self._refuse_none(parquet_pages.rows(footer))
        with pq.ParquetFile(pa.BufferReader(body)) as file:
            metadata, schema = file.metadata, file.schema_arrow
        self._refuse_names(schema, lambda: parquet_pages.rows(footer))
        pages = parquet_pages.read_pages(body, footer)
        _refuse_large(pages.unpacked_bytes)
        # Texts stay as they are coded, so that a long one is not there in every row.
        coded = {*schema.names} - pages.uncoded
        texts = [name for name in coded if is_text(schema.field(name).type)]
        source = pa.BufferReader(body)
        with pq.ParquetFile(source, metadata=metadata, read_dictionary=texts) as file:
            return _taken((name, _column(file, name)) for name in schema.names)

    def _typed(self, came: Mapping[str, pa.ChunkedArray]) -> list[Columns]:
        """Read part by part, until there are as many errors as are sent."""
        parts: list[Columns] = []
        errors, refused = list[FieldError](), RefusedRows()
        rows, *others = {*map(len, came.values())}
        if others:
            raise ValueError("its columns have not as many rows each")
        ends = [*range(FIRST_ROWS, rows, PART_ROWS), rows]
        for at, end in itertools.pairwise([0, *ends]):
            part = {name: column.slice(at, end - at) for name, column in came.items()}
            try:
                parts.append(typed_columns(part, end - at, self.expected))
            except InvalidRows as invalid:
                errors += moved(invalid, at)
                refused.add(0, invalid.refused.faults)
                if len(errors) >= MAX_ERRORS:
                    break
        if errors:
            refused.rows = rows
            raise InvalidRows(errors[:MAX_ERRORS], refused)
        return parts

    def _refuse_names(self, schema: pa.Schema, count: Callable[[], int]) -> None:
        """Compare names and types, once for all rows; `count` tells how many these are."""
        names, known = schema.names, {column.name: column for column in self.expected}
        if len(set(names)) < len(names):
            raise Refusal(f"two columns have the same name: {', '.join(names)}"[:500])
        # A row's place is that of the first, as all have it.
        wrong = [
            (name, not_a_name([*known]) if name not in known else NOT_OF_TYPE[known[name].type])
            for name, kind in zip(names, schema.types, strict=True)
            if name not in known or not is_plain(kind)
        ][:MAX_ERRORS]
        if wrong:
            errors = [_misnamed(name, words, schema, known) for name, words in wrong]
            raise InvalidRows(errors, _refused(errors, known, count()))
        lacking = [c.name for c in self.expected if not c.nullable and c.name not in names]
        if lacking:
            errors = [
                FieldError(row=0, field=name, problem="missing", received=None) for name in lacking
            ]
            raise InvalidRows(errors[:MAX_ERRORS], _refused(errors, known, count()))

    def _count(self, stream: pa.RecordBatchStreamReader) -> int:
        """Return how many rows a stream says that it has: of more than are taken only so many."""
        with suppress(*UNREADABLE):
            return min(self._most, sum(batch.num_rows for batch in stream))
        return 1

    def _refuse_many(self, rows: int) -> None:
        if rows > self._most:
            raise Refusal(f"it has more than {number_of(self._most, 'row')}: send it in parts")

    def _refuse_none(self, rows: int) -> None:
        if not rows:
            raise Refusal("it has no rows")


def _refused(errors: Sequence[FieldError], known: Collection[str], rows: int) -> RefusedRows:
    """Return so many rows, refused for what all of them have."""
    faults = {
        (error.field, error.problem): RowFault(rows, error.received)
        for error in errors
        if error.field in known
    }
    strange = [ascii(error.field) for error in errors if error.field not in known]
    return refused_rows(rows, faults | {UNKNOWN: RowFault(rows, strange[0])} if strange else faults)


def _misnamed(name: str, words: str, schema: pa.Schema, known: Collection[str]) -> FieldError:
    received = shown(f"a column of {schema.field(name).type}")
    if name.startswith(PANDAS_INDEX):
        words += "; it is the index of pandas: write the table with index=False"
    field = name if name in known else name[:MAX_RECEIVED_LENGTH]
    return FieldError(row=0, field=field, problem=words, received=received)


def _column(file: pq.ParquetFile, name: str) -> pa.ChunkedArray:
    column = file.read(columns=[name], use_threads=False)[name]
    column.validate(full=True)
    return column


def _taken(columns: Iterator[tuple[str, pa.ChunkedArray]]) -> dict[str, pa.ChunkedArray]:
    """Return columns by their names, as long as their rows do not take more than they may."""
    taken, size = {}, 0
    for name, column in columns:
        size += row_bytes(column)
        _refuse_large(size)
        taken[name] = column
    return taken


def _refuse_large(size: int) -> None:
    if size > MAX_UNPACKED_BYTES:
        raise Refusal(f"unpacked, it has more than {MAX_UNPACKED_BYTES:,} bytes: send it in parts")
