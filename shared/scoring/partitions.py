"""What one scoring run is to do: which partitions are answered already, who answers the rest."""

import hashlib
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.fs as pafs
import pyarrow.parquet as pq

from shared.errors import Refusal
from shared.model.bundle import Bundle
from shared.problem_commands import make_command
from shared.schema.cells import cells_of_contract
from shared.settings import Settings
from shared.tables import file_rows, sources, storage, table_files
from shared.tables.made_columns import made_columns
from shared.tables.storage import Place
from shared.tables.stretches import equal_stretches
from shared.tables.table_files import READERS, TableFile, TableFiles

FILE, NOTE = "scores.parquet", b"millrace"


@dataclass(frozen=True)
class Partition:
    """Files that are answered together, into one file; `stamp` changes with what they hold.

    `rows` are those that the files say they have, None of files that do not say.
    """

    folder: str
    files: tuple[TableFile, ...]
    stamp: str
    rows: int | None


@dataclass(frozen=True)
class Plan:
    """A scoring run: of which table at which version, into which folder, by which bundle.

    With `explain`, each answer is to have its reasons beside it.
    """

    table: str
    version: int | None
    output: str
    refused: str
    digest: str
    partitions: tuple[Partition, ...]
    kept: tuple[str, ...]
    parts: tuple[tuple[Partition, ...], ...]
    explain: bool = False


def plan(
    settings: Settings,
    bundle: Bundle,
    table: str | None = None,
    version: str | None = None,
    output: str | None = None,
    explain: bool = False,
) -> Plan:
    """List a table's partitions, and share out those that this bundle has not answered yet.

    Raises `Refusal` when there is no such table or version, or when it holds nothing.
    """
    _refuse_unmade(settings, table)
    if version and not version.isdecimal():
        raise Refusal(f"--data {version!r} is not a version of the table: give a number")
    address = table or settings.score.table or sources.table_address(settings)
    found = table_files.with_row_counts(
        table_files.list_files(address, int(version) if version else None)
    )
    if not found.files:
        ingest = make_command("ingest", problem=settings.name)
        raise Refusal(f"{address} has no rows yet: `{ingest}` brings them")
    _refuse_unknown_rows(found, bundle)
    partitions = [
        Partition(folder, files, _stamp(files, bundle, settings, explain), _rows(files))
        for folder, files in found.partitions.items()
    ]
    place = output or settings.score.output or f"{address.rstrip('/')}.scored"
    target = place if output else f"{place.rstrip('/')}/{bundle.digest[:12]}"
    there = notes(target, [partition.folder for partition in partitions])
    kept = [p.folder for p in partitions if there.get(p.folder, {}).get("stamp") == p.stamp]
    left = [partition for partition in partitions if partition.folder not in kept]
    return Plan(
        table=address,
        version=found.version,
        output=target,
        refused=f"{target.rstrip('/')}.refused",
        digest=bundle.digest,
        partitions=tuple(partitions),
        kept=tuple(kept),
        # There is always a part, which may have nothing in it.
        parts=tuple(_shared_out(left, settings.score.tasks)) or ((),),
        explain=explain,
    )


def _refuse_unmade(settings: Settings, table: str | None) -> None:
    """Raise `Refusal` where the table that an ingest makes is meant, and none has made it."""
    address = sources.table_address(settings)
    if table or settings.score.table or address == settings.source:
        return
    where = storage.place(address)
    with storage.reaching(address):
        is_made = where.files.get_file_info(where.path).type != pafs.FileType.NotFound
    if not is_made:
        ingest = make_command("ingest", problem=settings.name)
        given = make_command("score", "ARGS='--table FILE_OR_FOLDER'", problem=settings.name)
        raise Refusal(
            f"there is no table {address} yet: `{ingest}` makes it; or say what is to be scored: "
            f"`{given}`"
        )


def _refuse_unknown_rows(table: TableFiles, bundle: Bundle) -> None:
    """Raise `Refusal` where no row of a table's first file would have a key or a time."""
    contract, made = bundle.contract, made_columns(bundle.contract)
    cells = cells_of_contract(contract, bundle.settings.csv)
    schema = file_rows.table_schema(table.address, table.files, cells)
    there = [*schema.names, *filter(None, (made.key, made.time))]
    lacking = [name for name in (contract.key, contract.time) if name not in there]
    sources.refuse_lacking(lacking, schema.names, bundle.settings.source)


def notes(output: str, folders: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return what the files of answers say of themselves, by folder; those that cannot are not."""
    where = storage.place(output)

    def read(folder: str) -> dict[str, Any] | None:
        try:
            with where.files.open_input_file(path_of(where, folder)) as file:
                found = pq.read_metadata(file)
                return json.loads(found.metadata[NOTE]) | {"rows": found.num_rows}
        except (OSError, pa.ArrowException, KeyError, TypeError, ValueError):
            return None

    with ThreadPoolExecutor(READERS) as pool:
        read_all = zip(folders, pool.map(read, folders), strict=True)
        return {folder: note for folder, note in read_all if note}


def path_of(where: Place, folder: str, file: str = FILE) -> str:
    """Return the path of a partition's file."""
    return where.within(*([folder] if folder else []), file)


def _stamp(files: Sequence[TableFile], bundle: Bundle, settings: Settings, explain: bool) -> str:
    asked = [settings.score.features, *(["explain"] if explain else [])]
    stamped = [bundle.digest, *asked, *(file.stamp for file in files)]
    return hashlib.sha256(json.dumps(stamped).encode()).hexdigest()


def _rows(files: Sequence[TableFile]) -> int | None:
    known = [file.rows for file in files if file.rows is not None]
    return sum(known) if len(known) == len(files) else None


def _shared_out(left: Sequence[Partition], most: int) -> list[tuple[Partition, ...]]:
    """Share partitions out in stretches of about as many bytes."""
    sizes = [sum(file.bytes for file in partition.files) for partition in left]
    return [tuple(left[at.start : at.stop]) for at in equal_stretches(sizes, most)]
