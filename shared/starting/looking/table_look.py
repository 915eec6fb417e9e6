"""A table as it is looked at: a sample of its rows, and a few of its columns whole."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from shared.errors import Refusal
from shared.schema.cells import Cells
from shared.schema.numbers import is_whole
from shared.schema.reading import plain_column
from shared.sections.columns import Csv
from shared.starting.looking import csv_dialect, moments
from shared.tables import file_rows, storage, table_files
from shared.tables.table_files import TableFiles

SAMPLE_ROWS = 20_000
FIRST_ROWS = 5_000
# Of a wide table fewer rows say at first what may be a key or a time.
FIRST_CELLS = 1_000_000


@dataclass(frozen=True)
class TableLook:
    """What was seen of a table.

    `sample` are its first rows and others evenly spread; `whole` are, of all its rows, the columns
    that may be its key or its time, and its target. Both are typed by their cells. `unlabelled` are
    texts of a target of others that are read as missing, with their rows: by how CSV is written; of
    typed files they are `emptied` by source.py.
    """

    address: str
    csv: Csv
    rows: int
    sample: pa.Table
    whole: dict[str, pa.ChunkedArray]
    unlabelled: dict[str, int] = field(default_factory=dict)
    emptied: tuple[str, ...] = ()


def open_table(address: str) -> tuple[TableFiles, Csv, pa.Table]:
    """Return a table's files, how CSV is written, and its first rows, typed.

    Raises `Refusal` where there is no table, or none with rows.
    """
    # Known from anywhere, so that it can be said from the working folder or from the problem's.
    files = table_files.list_files(
        address if address.startswith(storage.S3) else str(Path(address).resolve())
    )
    if not files.files or not files.files[0].path.endswith(table_files.ENDINGS):
        raise Refusal(f"{address} is neither a {table_files.LISTED} file nor a folder of them")
    csv = csv_dialect.look_at_csv(address, files.files)
    first = next(_batches(files, csv), pa.table({}))
    if not first.num_rows:
        raise Refusal(f"{address} has no rows: nothing can be guessed of them")
    rows = min(FIRST_ROWS, max(500, FIRST_CELLS // first.num_columns))
    return files, csv, Cells(csv).typed(first.slice(0, rows))


def look(files: TableFiles, csv: Csv, first: pa.Table, target: str) -> TableLook:
    """Read a table once: a sample of its rows, and whole what may be a key, a time or the target.

    `first` are its first rows, which say what may be a key (no value twice) or a time. Raises
    `Refusal` where a column has types in its files that do not fit together.
    """
    kept = [name for name in first.column_names if name == target or _may_be_key(first[name])]
    kept += [n for n in first.column_names if n not in kept and moments.may_be_time(first[n], n)]
    parts: list[pa.Table] = []
    whole: list[pa.Table] = []
    rows, held, stride = 0, 0, 1
    for batch in _batches(files, csv):
        whole.append(batch.select([name for name in kept if name in batch.column_names]))
        later = batch if rows else batch.slice(FIRST_ROWS)
        fresh = [_every(later, stride)] if rows else [batch.slice(0, FIRST_ROWS), later]
        parts, rows = [*parts, *fresh], rows + batch.num_rows
        held += sum(part.num_rows for part in fresh)
        if held > 2 * SAMPLE_ROWS:
            # Every second of what is held, but for the first rows.
            parts, stride = [parts[0], *(_every(part, 2) for part in parts[1:])], stride * 2
            held = sum(part.num_rows for part in parts)
    joined, held_whole = (file_rows.joined(files.address, tables) for tables in (parts, whole))
    labels = _texts_of(held_whole[target])
    texts = csv_dialect.label_texts(labels, csv)
    unlabelled = _counts(labels, but=texts) if texts else {}
    emptied: tuple[str, ...] = ()
    if all(file.path.endswith(".parquet") for file in files.files):
        # Nothing says of the texts of a typed file that they stand for no value.
        emptied = tuple(unlabelled)
        joined, held_whole = (_without(table, target, emptied) for table in (joined, held_whole))
    missing = dict.fromkeys((*_missing(joined, csv), *(unlabelled if not emptied else ())))
    two = texts if len(texts) == 2 else ()
    csv = csv.model_copy(update={"missing": tuple(text for text in missing if text not in two)})
    cells = Cells(csv, truths={target: texts} if texts else {})
    columns = cells.typed(cells.known(held_whole))
    return TableLook(
        address=files.address,
        csv=csv,
        rows=rows,
        sample=cells.typed(cells.known(joined)),
        whole=dict(zip(kept, columns.columns, strict=True)),
        unlabelled=unlabelled,
        emptied=emptied,
    )


def _without(table: pa.Table, target: str, emptied: Collection[str]) -> pa.Table:
    """Return rows whose target is missing where it is one of some texts."""
    if not emptied:
        return table
    labels = _texts_of(table[target])
    kept = pc.if_else(pc.is_in(labels, pa.array(emptied, pa.string())), None, labels)
    return table.set_column(table.column_names.index(target), target, kept)


def _texts_of(labels: pa.ChunkedArray) -> pa.ChunkedArray:
    plain = plain_column(labels)
    return plain.cast(plain.type.value_type) if pa.types.is_dictionary(plain.type) else plain


def _counts(labels: pa.ChunkedArray, but: Collection[str]) -> dict[str, int]:
    counted = pc.value_counts(labels.drop_null()).to_pylist()
    return {each["values"]: each["counts"] for each in counted if each["values"] not in but}


def _missing(texts: pa.Table, csv: Csv) -> tuple[str, ...]:
    return (*csv.missing, *csv_dialect.missing_markers(texts, csv))


def _batches(files: TableFiles, csv: Csv) -> Iterator[pa.Table]:
    batches = file_rows.read_batches(files.address, files.files, cells=Cells(csv))
    return map(_without_nans, batches)


def _without_nans(table: pa.Table) -> pa.Table:
    """Return a table whose NaNs are null, since both are missing."""
    for at, held in enumerate(table.schema):
        kind = held.type.value_type if pa.types.is_dictionary(held.type) else held.type
        if pa.types.is_floating(kind):
            numbers = plain_column(table[at])
            known = pc.if_else(pc.is_nan(numbers), None, numbers)
            table = table.set_column(at, held.name, known)
    return table


def _may_be_key(values: pa.ChunkedArray) -> bool:
    # UUIDs and large strings are texts, too.
    plain = plain_column(values)
    if not (is_whole(plain.type) or pa.types.is_string(plain.type)) or plain.null_count:
        return False
    return len(plain.unique()) == len(plain)


def _every(table: pa.Table, stride: int) -> pa.Table:
    return table.take(pa.array(range(0, table.num_rows, stride), pa.int64()))
