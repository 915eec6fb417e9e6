"""Source tables: read as the settings say, whole or in batches, and known by a fingerprint."""

import hashlib
import importlib
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.fs as pafs
import pyarrow.parquet as pq

from shared.errors import Refusal
from shared.frames import with_values
from shared.problem_commands import make_command
from shared.schema import arrow
from shared.schema.cells import Cells
from shared.schema.columns import once_each
from shared.schema.numbers import fit_floats
from shared.schema.reading import plain_column
from shared.settings import Settings
from shared.tables import file_rows, storage, table_files
from shared.tables.csv_files import CsvFile
from shared.tables.file_rows import NO_TYPES, NOTHING_MADE
from shared.tables.made_columns import MadeColumns
from shared.tables.table_files import TableFile
from shared.words import nearest_names, quoted_if_odd

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
# In the working folder, by the problems' names.
TABLES = ".millrace/tables"
Taken = Callable[[pa.Table | pd.DataFrame], np.ndarray]
"""Which rows are taken of some, shape (rows,)."""


def read_source(
    source: str,
    version: int | None = None,
    columns: Collection[str] | None = None,
    cells: Cells = NO_TYPES,
    made: MadeColumns = NOTHING_MADE,
) -> pd.DataFrame:
    """Read a source as a frame; where it is in files, `read_table` has its very types."""
    found = read_table(source, version, columns, cells, made=made)
    if isinstance(found, pd.DataFrame):
        return found
    held = pa.table([plain_column(column) for column in found.columns], names=found.column_names)
    # As objects dates would be Python's, which end with the year 9999.
    frame = held.to_pandas(date_as_object=False)
    for name, column in zip(held.column_names, held.columns, strict=True):
        # Beside gaps pandas makes floats of whole numbers.
        if column.null_count and not fit_floats(column):
            frame[name] = column.to_pandas(integer_object_nulls=True)
    return frame


def read_table(
    source: str,
    version: int | None = None,
    columns: Collection[str] | None = None,
    cells: Cells = NO_TYPES,
    taken: Taken | None = None,
    made: MadeColumns = NOTHING_MADE,
) -> pa.Table | pd.DataFrame:
    """Read a source: a Parquet or CSV file, a folder of them, or `package.module:function`.

    A folder may be a Delta table, of which any version can be read; it and a file may be on S3.
    Files have the types that they say; of CSV, what is known of their `cells`, else what all cells
    of a column decide. Only these `columns` of files are read, if they are all there. A function's
    frame is as it is. Where it is said which rows are `taken`, no others of files are held; what is
    `made` is added to files alone.
    Raises `Refusal` when there is no such file, folder or function, or when it is no table.
    """
    if storage.is_address(source) and (source.startswith(storage.S3) or not _is_file(source)):
        return _folder(source, version, columns, cells, taken, made)
    if version is not None:
        raise Refusal(f"source {source!r} is no Delta table: it has no version {version}")
    if _is_file(source):
        if made or taken is not None:
            return _folder(source, None, columns, cells, taken, made)
        return _file(Path(source), columns, cells)
    frame = _frame(call_source(source), source)
    return frame if taken is None else frame[taken(frame)]


def pin_version(source: str, version: int | None = None) -> int | None:
    """Return the version that a source is to be read at: its newest, unless one is named.

    None of what has no versions. Raises `Refusal` where there is no such version.
    """
    if storage.is_address(source) and not _is_file(source):
        return table_files.list_files(source, version).version
    if version is not None:
        raise Refusal(f"source {source!r} is no Delta table: it has no version {version}")
    return None


def call_source(source: str) -> Any:
    """Return what a source's `package.module:function` returns."""
    module, _, function = source.partition(":")
    if not function:
        raise Refusal(
            f"source {source!r} is neither a {table_files.LISTED} file, nor a folder of them "
            f"({places_looked_in()}), nor package.module:function{storage.beyond_reach()}"
        )
    try:
        return getattr(importlib.import_module(module), function)()
    except (ImportError, AttributeError) as error:
        raise Refusal(f"source {source!r} cannot be imported: {error}") from None


def maker_words(source: str | None) -> str | None:
    """Return in words what may make a key or a time that rows lack; None of a source in files."""
    if not source or is_files(source):
        return None
    return f"Rows for training come from {source}, which may make it: give what it returns"


def refuse_lacking(lacking: Sequence[str], there: Sequence[str], source: str | None) -> None:
    """Raise `Refusal` where columns that rows must have are `lacking` among those that are there.

    `source` is that of the settings, which is named: it may make them of the rows for training.
    """
    if lacking:
        made = maker_words(source)
        raise Refusal(
            f"the source has no column {', '.join(lacking)}; it has "
            f"{', '.join(map(quoted_if_odd, there))}{nearest_names(lacking, there)}"
            f"{f'. {made}' if made else ''}"
        )


def places_looked_in() -> str:
    """Return in words where a file or folder with a relative path is looked for."""
    return f"looked in {Path.cwd()}, and beside the settings for what they name"


def _folder(
    address: str,
    version: int | None,
    columns: Collection[str] | None,
    cells: Cells,
    taken: Taken | None,
    made: MadeColumns,
) -> pa.Table:
    """Read a table in many files, each row with the columns of its partition."""
    table = table_files.list_files(address, version)
    if not table.files:
        raise Refusal(f"{address} has no rows yet: `{make_command('ingest')}` brings them")
    if columns and {*columns} - {*file_rows.table_schema(address, table.files, cells).names}:
        columns = None
    partitions = {name for file in table.files for name, _ in file.partition}
    by_kind: dict[bool, list[TableFile]] = {}
    for file in table.files:
        by_kind.setdefault(file.path.endswith(".parquet"), []).append(file)
    parts = []
    for is_typed, files in by_kind.items():
        read = file_rows.read_batches(address, files, columns=columns, cells=cells, made=made)
        if taken is not None:
            read = (rows.filter(pa.array(taken(rows))) for rows in read)
        part = file_rows.joined(address, list(read), cells)
        parts.append(part if is_typed else cells.typed(part, but=partitions))
    return file_rows.joined(address, parts, cells)


def _file(path: Path, columns: Collection[str] | None, cells: Cells) -> pa.Table:
    if not path.is_file():
        looked = "" if path.is_absolute() else f" ({places_looked_in()})"
        raise Refusal(f"no file {path}{looked}{storage.beyond_reach()}")
    with storage.reaching(str(path)):
        if path.suffix != ".parquet":
            file = CsvFile(pafs.LocalFileSystem(), str(path), cells.csv)
            named = columns if {*(columns or ())} <= {*file.column_names} else None
            read = file.batches(file_rows.ROWS_PER_BATCH, named)
            return cells.typed(pa.concat_tables(map(cells.known, read)))
        with pq.ParquetFile(path) as file:
            there = once_each(file.schema_arrow.names, str(path))
            named = columns if {*(columns or ())} <= {*there} else None
            wanted = [n for n in there if n in named] if named else None
            return arrow.without_views(file.read(wanted))


def fingerprint(frame: pd.DataFrame) -> str:
    """Return a sha256 over names, types and values of a table; row order and index do not count."""
    digest = hashlib.sha256(repr([(c, str(t)) for c, t in frame.dtypes.items()]).encode())
    hashes = pd.util.hash_pandas_object(frame, index=False).to_numpy(copy=True)
    hashes.sort()
    digest.update(hashes.tobytes())
    return digest.hexdigest()


def table_address(settings: Settings) -> str:
    """Return the address of the problem's table: the ingest's, else a source that is a folder."""
    if settings.ingest.table:
        return settings.ingest.table
    if storage.is_address(settings.source) and not settings.source.endswith(table_files.ENDINGS):
        return settings.source
    return f"{TABLES}/{settings.name}"


def ingest_origin(settings: Settings) -> str | None:
    """Return where new rows are read; None is a query.

    Raises `Refusal` if it is the table itself.
    """
    if settings.ingest.query:
        return None
    origin = settings.ingest.origin or settings.source
    if origin == table_address(settings):
        mend = "give [ingest] origin or query in the settings"
        raise Refusal(f"the table {origin} cannot be filled from itself: {mend}")
    return origin


def refuse_out_of_reach(settings: Settings, folder: Path) -> None:
    """Raise `Refusal` where a table lies beside the settings: no task on a cluster has it there.

    A code package has settings and code alone. What lies elsewhere may be mounted there, too, and
    an ingest without a schedule may be run from here.
    """
    origin = settings.ingest.origin if settings.ingest.schedule else None
    for key, address in (("source", settings.source), ("[ingest] origin", origin)):
        if not address or address.startswith(storage.S3) or not is_files(address):
            continue
        places = (folder.resolve(), Path.cwd())
        if any(Path(address).resolve().is_relative_to(place) for place in places):
            raise Refusal(
                f"{key} {address!r} is on this machine, and tasks on a cluster have the settings "
                f"and the code of a problem, not its tables. {storage.WAY_OUT}"
            )


def is_files(origin: str) -> bool:
    """Tell whether an origin is a file or a folder of them."""
    return origin.endswith(table_files.ENDINGS) or storage.is_address(origin)


def has_cells(origin: str) -> bool:
    """Tell whether any file of an origin is CSV, whose cells [csv] says how to read."""
    if not is_files(origin) or origin.endswith(".parquet"):
        return False
    return any(not file.path.endswith(".parquet") for file in table_files.list_files(origin).files)


def source_batches(
    settings: Settings,
    files: Sequence[TableFile],
    since: datetime,
    rows: int,
    columns: Collection[str] | None = None,
    cells: Cells = NO_TYPES,
) -> Iterator[pa.Table]:
    """Yield the rows of an ingest's origin in tables of at most `rows`; of files, the given ones.

    Of files, only the `columns` are read, where they are named. `since` is what a query may ask
    for as `:since`. Raises `Refusal` where nothing can be read.
    """
    origin = ingest_origin(settings)
    if origin is None:
        from shared.tables import query

        yield from query.query_batches(str(settings.ingest.query), since, rows)
    elif is_files(origin):
        yield from file_rows.read_batches(origin, files, rows=rows, columns=columns, cells=cells)
    else:
        returned = call_source(origin)
        # One frame, or frames one after another, which need not all be in memory.
        are_several = isinstance(returned, Iterator | list | tuple)
        for frame in returned if are_several else [returned]:
            held = _frame(frame, origin)
            for at in range(0, max(1, len(held)), rows):
                yield arrow.table(held.iloc[at : at + rows])


def _frame(made: Any, source: str) -> pd.DataFrame:
    """Return the frame that a function made, its columns named by texts; else raise `Refusal`."""
    if not isinstance(made, pd.DataFrame):
        raise Refusal(f"source {source!r} makes a {type(made).__name__}, not a DataFrame")
    named = made.set_axis(once_each([*map(str, made.columns)], f"source {source!r}"), axis=1)
    sparse = [str(n) for n, kind in named.dtypes.items() if isinstance(kind, pd.SparseDtype)]
    # Arrow holds none.
    return with_values(named, {name: np.asarray(named[name]) for name in sparse})


def _is_file(source: str) -> bool:
    return source.endswith(table_files.ENDINGS) and not Path(source).is_dir()
