"""What a training reads: a table at a version, its columns that the settings name."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa

from shared.errors import Refusal
from shared.problem_commands import make_command
from shared.schema.cells import Cells, cells_of_settings
from shared.settings import Settings
from shared.tables import file_rows, sources, table_files
from shared.tables.even_sample import EvenSample, Rows

LATEST = "latest"


@dataclass(frozen=True)
class Pinned:
    """What a run reads: an address, and the version that it was at when the run began.

    The version is a Delta table's; None of a source that has none.
    """

    address: str
    version: int | None


def pin(settings: Settings, data: str | None) -> Pinned:
    """Fix what is to be read: a version of the problem's table, `latest`, or else its source.

    Raises `Refusal` where there is no such version.
    """
    if not data:
        return Pinned(settings.source, sources.pin_version(settings.source))
    if data != LATEST and not data.isdecimal():
        raise Refusal(f"--data {data!r} is neither a version of the table nor {LATEST!r}")
    address = sources.table_address(settings)
    return Pinned(address, sources.pin_version(address, None if data == LATEST else int(data)))


def unread_words(settings: Settings, pinned: Pinned) -> str:
    """Return in words that the table that IngestFlow has filled is not what is read.

    Nothing where it is, or where no such table is there.
    """
    address = sources.table_address(settings)
    if address == pinned.address:
        return ""
    try:
        version = sources.pin_version(address)
    except Refusal:
        return ""
    if version is None:
        return ""
    newest = make_command("train", "ARGS='--data latest'")
    return (
        f"this run reads {pinned.address}, and not version {version} of {address}, which "
        f"IngestFlow has filled: {newest} reads that"
    )


def read_source(
    settings: Settings, pinned: Pinned, sampled: EvenSample | None
) -> pa.Table | pd.DataFrame:
    """Read the columns that the settings name, of the rows that are taken.

    Raises `Refusal` where there is no row: what it holds, nothing tells.
    """
    taken = sampled.taken if sampled and not sampled.is_whole else None
    # Whatever else a table has would be held in memory for nothing.
    named = (settings.key, settings.time, *settings.features, settings.target, *settings.others)
    cells = cells_of_settings(settings)
    source = sources.read_table(pinned.address, pinned.version, named, cells, taken)
    if not len(source):
        raise Refusal(f"the source {pinned.address} has no rows: nothing tells what it holds")
    return source


def source_parts(pinned: Pinned, columns: Collection[str], cells: Cells) -> Iterator[Rows]:
    """Yield the rows of a source: of files some columns in batches, else a frame with all."""
    if not sources.is_files(pinned.address):
        yield sources.read_table(pinned.address)
        return
    listed = table_files.list_files(pinned.address, pinned.version)
    yield from file_rows.read_batches(listed.address, listed.files, columns=columns, cells=cells)
