"""The rows of a table's files, read in batches, each with the columns of its partition."""

import itertools
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from shared.errors import Refusal
from shared.schema import arrow
from shared.schema.cells import Cells
from shared.schema.columns import once_each
from shared.tables import storage
from shared.tables.csv_files import CsvFile
from shared.tables.made_columns import MadeColumns, name_within
from shared.tables.storage import Place
from shared.tables.table_files import NULL, READERS, TableFile

ROWS_PER_BATCH = 65_536
# Of a column, read at once.
BUFFER_BYTES = 1 << 18
NO_TYPES = Cells()
NOTHING_MADE = MadeColumns()


def read_batches(
    address: str,
    files: Sequence[TableFile],
    *,
    rows: int = ROWS_PER_BATCH,
    columns: Collection[str] | None = None,
    as_codes: Collection[str] = (),
    groups: range | None = None,
    cells: Cells = NO_TYPES,
    made: MadeColumns = NOTHING_MADE,
) -> Iterator[pa.Table]:
    """Yield the rows of some files in tables of at most `rows`, with their partition's columns.

    Only the `columns` are read, where they are named; those `as_codes` come dictionary-encoded. Of
    Parquet files only these row `groups` are read, where they are named. CSV files come as texts,
    missing where their `cells` are by what is known of them. What is `made` is added.
    """
    where = storage.place(address)
    for file in files:
        with storage.reaching(file.path):
            if file.path.endswith(".parquet"):
                tables = _parquet(where, file, rows, columns, as_codes, groups)
            else:
                texts = CsvFile(where.files, file.path, cells.csv).batches(rows, columns)
                tables = map(cells.known, texts)
            name = name_within(file.path, where.path) if made else ""
            before = sum(row_group_sizes(address, file)[: groups.start]) if made and groups else 0
            for table in tables:
                yield made.added(_with_partition(table, file, columns), name, before)
                before += table.num_rows


def row_group_sizes(address: str, file: TableFile) -> list[int]:
    """Return the rows of each row group of a Parquet file."""
    where = storage.place(address)
    with storage.reaching(file.path), where.files.open_input_file(file.path) as source:
        metadata = pq.read_metadata(source)
        return [metadata.row_group(at).num_rows for at in range(metadata.num_row_groups)]


def joined(address: str, tables: Sequence[pa.Table], cells: Cells = NO_TYPES) -> pa.Table:
    """Return all rows of some of a table's files; texts with a dictionary in some of them as texts.

    So are the values of a column whose type is known of `cells`, and that files hold in ways which
    do not fit together. Raises `Refusal` where nothing tells the type of such a column.
    """
    kinds: dict[str, set[pa.DataType]] = {}
    for field in itertools.chain.from_iterable(table.schema for table in tables):
        kinds.setdefault(field.name, set()).add(field.type)
    mixed = {name for name, found in kinds.items() if len(found) > 1}
    try:
        plain = [_decoded(table, mixed) for table in tables]
        if apart := {name for name in mixed if cells.types.get(name, "text") != "text"}:
            plain = [_as_texts(table, apart - _fitting(plain, apart)) for table in plain]
        return pa.concat_tables(plain, promote_options="permissive")
    except pa.ArrowException as error:
        raise Refusal(
            f"the files of {address} do not fit together: {str(error).splitlines()[0]}; "
            "write them alike, as files of one kind, or say its type in [contract]"
        ) from None


def _fitting(tables: Sequence[pa.Table], names: Collection[str]) -> set[str]:
    """Return which columns have types in all tables that fit together."""
    found = set()
    for name in names:
        held = [table.schema.field(name) for table in tables if name in table.column_names]
        with suppress(pa.ArrowException):
            pa.unify_schemas([pa.schema([each]) for each in held], promote_options="permissive")
            found.add(name)
    return found


def _as_texts(table: pa.Table, names: Collection[str]) -> pa.Table:
    """Return a table with the values of some columns as texts, which are read as they are."""
    for at, field in enumerate(table.schema):
        if field.name in names and not pa.types.is_nested(field.type):
            known = pc.if_else(table[at].is_null(nan_is_null=True), None, table[at])
            table = table.set_column(at, field.name, known.cast(pa.string()))
    return table


def _decoded(table: pa.Table, names: Collection[str]) -> pa.Table:
    for at, field in enumerate(table.schema):
        if field.name in names and pa.types.is_dictionary(field.type):
            values = table[at].cast(field.type.value_type)
            table = table.set_column(at, field.name, values)
    return table


def table_schema(address: str, files: Sequence[TableFile], cells: Cells = NO_TYPES) -> pa.Schema:
    """Return the columns of a table's first file, and its partition's."""
    first = next(read_batches(address, files[:1], rows=1, cells=cells), pa.table({}))
    return first.schema


def common_types(
    address: str, files: Collection[TableFile], names: Collection[str]
) -> dict[str, pa.DataType]:
    """Return for columns of Parquet files the type that holds the values of all.

    Those of which no type does are left out.
    """
    where, found = storage.place(address), dict[str, list[pa.Schema]]()

    def schema(file: TableFile) -> pa.Schema:
        with storage.reaching(file.path), where.files.open_input_file(file.path) as source:
            return pq.read_schema(source)

    with ThreadPoolExecutor(READERS) as pool:
        for field in {field for each in pool.map(schema, files) for field in each}:
            kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
            found.setdefault(field.name, []).append(pa.schema({field.name: kind}))
    types = {}
    for name in found.keys() & names:
        with suppress(pa.ArrowException):
            types[name] = pa.unify_schemas(found[name], promote_options="permissive").types[0]
    return types


def column_names(address: str, files: Collection[TableFile], cells: Cells = NO_TYPES) -> set[str]:
    """Return the columns that any of a table's files has, and those of its partitions."""
    where = storage.place(address)

    def names(file: TableFile) -> list[str]:
        with storage.reaching(file.path):
            if not file.path.endswith(".parquet"):
                return CsvFile(where.files, file.path, cells.csv).column_names
            with where.files.open_input_file(file.path) as source:
                return once_each(pq.read_schema(source).names, file.path)

    with ThreadPoolExecutor(READERS) as pool:
        read = {*itertools.chain.from_iterable(pool.map(names, files))}
    return read | {name for file in files for name, _ in file.partition}


def _parquet(
    where: Place,
    file: TableFile,
    rows: int,
    columns: Collection[str] | None,
    as_codes: Collection[str],
    groups: range | None,
) -> Iterator[pa.Table]:
    with where.files.open_input_file(file.path) as source:
        metadata = pq.read_metadata(source)
        there = once_each(metadata.schema.to_arrow_schema().names, file.path)
        texts = {f.name for f in metadata.schema.to_arrow_schema() if pa.types.is_string(f.type)}
        coded = [name for name in as_codes if name in texts]
        parquet = pq.ParquetFile(
            source,
            metadata=metadata,
            pre_buffer=False,
            buffer_size=BUFFER_BYTES,
            read_dictionary=coded,
        )
        wanted = there if columns is None else [name for name in there if name in columns]
        if not metadata.num_rows:
            yield arrow.without_views(parquet.schema_arrow.empty_table().select(wanted))
        chosen = None if groups is None else list(groups)
        for batch in parquet.iter_batches(rows, row_groups=chosen, columns=wanted):
            yield arrow.without_views(pa.Table.from_batches([batch]))


def _with_partition(table: pa.Table, file: TableFile, columns: Collection[str] | None) -> pa.Table:
    for name, value in file.partition:
        if name not in table.column_names and (columns is None or name in columns):
            text = pa.scalar(None if value in (NULL, "") else value, pa.string())
            typed = text.cast(dict(file.partition_types).get(name, pa.string()))
            table = table.append_column(name, pa.repeat(typed, table.num_rows))
    return table
