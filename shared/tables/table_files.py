"""A table's files: of a Delta table at a version, of a folder of Parquet or CSV files, or one."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.fs as pafs
import pyarrow.parquet as pq

from shared.errors import Refusal
from shared.tables import storage
from shared.tables.storage import Place

ENDINGS = (".parquet", ".csv", ".csv.gz", ".tsv", ".tsv.gz")
LISTED = f"{', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}"
# Waiting for a store is not working.
READERS = 16
# How folders name a partition whose value is missing.
NULL = "__HIVE_DEFAULT_PARTITION__"


@dataclass(frozen=True)
class TableFile:
    """A file of a table: its path, the partition it is in, and a stamp that changes with it.

    Values of a partition are texts, unless a Delta table declares their types.
    """

    path: str
    partition: tuple[tuple[str, str], ...]
    bytes: int
    stamp: str
    rows: int | None = None
    partition_types: tuple[tuple[str, pa.DataType], ...] = ()

    @property
    def folder(self) -> str:
        """The partition as folders name it, such as `day=2013-01-01`; empty where there is none."""
        return "/".join(f"{name}={value}" for name, value in self.partition)


@dataclass(frozen=True)
class TableFiles:
    """A table's files at one moment; `version` is a Delta table's, None of what has none."""

    address: str
    version: int | None
    files: tuple[TableFile, ...]

    @property
    def partitions(self) -> dict[str, tuple[TableFile, ...]]:
        """The files by their partition's folder, in its order."""
        by_folder: dict[str, list[TableFile]] = {}
        for file in self.files:
            by_folder.setdefault(file.folder, []).append(file)
        return {folder: tuple(by_folder[folder]) for folder in sorted(by_folder)}


def list_files(address: str, version: int | None = None) -> TableFiles:
    """List the files of a table; raises `Refusal` where there is none, or not that version."""
    where = storage.place(address)
    with storage.reaching(address):
        info = where.files.get_file_info(where.path)
        if info.type == pafs.FileType.NotFound:
            looked = f" (looked in {Path.cwd()}){storage.beyond_reach()}"
            on_s3 = address.startswith(storage.S3)
            raise Refusal(f"there is no file or folder {address}{'' if on_s3 else looked}")
        if info.type == pafs.FileType.File:
            return TableFiles(address, None, (_table_file(info, where),))
        from shared.tables import delta

        if delta.is_delta_table(address):
            return _delta_files(address, version)
        if version is not None:
            raise Refusal(f"{address} is no Delta table: it has no version {version}")
        return TableFiles(address, None, _folder_files(where))


def with_row_counts(table: TableFiles) -> TableFiles:
    """Return a table whose files tell their rows, which some tell only when they are opened."""
    where = storage.place(table.address)

    def count(file: TableFile) -> TableFile:
        if file.rows is not None or not file.path.endswith(".parquet"):
            return file
        with storage.reaching(file.path), where.files.open_input_file(file.path) as source:
            return replace(file, rows=pq.read_metadata(source).num_rows)

    with ThreadPoolExecutor(READERS) as pool:
        return replace(table, files=tuple(pool.map(count, table.files)))


def _delta_files(address: str, version: int | None) -> TableFiles:
    from shared.tables import delta

    table, where = delta.open_table(address, version), storage.place(address)
    names = table.metadata().partition_columns
    declared = pa.schema(table.schema().to_arrow())
    types = tuple((name, declared.field(name).type) for name in names)
    files = []
    for row in pa.table(table.get_add_actions(flatten=True)).to_pylist():
        path = unquote(row["path"])
        parts = tuple((n, _written(row[f"partition.{n}"])) for n in names)
        # A file of a Delta table is never changed, so its name is all there is to it.
        files.append(
            TableFile(
                path=where.within(path),
                partition=parts,
                bytes=row["size_bytes"],
                stamp=path,
                rows=row["num_records"],
                partition_types=types,
            )
        )
    return TableFiles(address, table.version(), tuple(sorted(files, key=_order)))


def _folder_files(where: Place) -> tuple[TableFile, ...]:
    found = where.files.get_file_info(pafs.FileSelector(where.path, recursive=True))
    seen = [info for info in found if info.type == pafs.FileType.File and _is_data(info, where)]
    if not seen:
        raise Refusal(f"{where.address} holds no {LISTED} file")
    return tuple(sorted((_table_file(info, where) for info in seen), key=_order))


def _is_data(info: pafs.FileInfo, where: Place) -> bool:
    # As other readers do: what begins with a dot or an underscore is no data.
    parts = PurePosixPath(info.path).relative_to(where.path).parts
    return info.path.endswith(ENDINGS) and not any(part[0] in "._" for part in parts)


def _table_file(info: pafs.FileInfo, where: Place) -> TableFile:
    folders = PurePosixPath(info.path).parent.parts[len(PurePosixPath(where.path).parts) :]
    named = [folder.partition("=") for folder in folders if "=" in folder]
    stamp = f"{info.path.removeprefix(where.path)} {info.size} {info.mtime_ns}"
    return TableFile(
        path=info.path,
        partition=tuple((name, unquote(value)) for name, _, value in named),
        bytes=info.size,
        stamp=hashlib.sha256(stamp.encode()).hexdigest(),
    )


def _order(file: TableFile) -> tuple[str, str]:
    return file.folder, file.path


def _written(value: object) -> str:
    return NULL if value is None else str(value)
