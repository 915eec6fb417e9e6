"""What one monitoring run judges: a span of the prediction log, or a file; and its parts."""

import itertools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq

from shared import moments
from shared.data import pieces, storage
from shared.data.database import LogUnavailable
from shared.data.pieces import Piece
from shared.data.prediction_log import PredictionLog
from shared.errors import Refusal
from shared.packaging.bundle import Bundle
from shared.settings import Settings

MINUTE = timedelta(minutes=1)
# So many rows are one task's; what it holds in memory at once is far less.
PART_ROWS = 2_000_000
# A table is cut into twice as many tasks at most; Metaflow itself stops at a hundred.
MOST_PARTS = 48


@dataclass(frozen=True)
class Part:
    """A piece of a scope: a span of time [start, until), or row groups, or files of a folder.

    Row groups are a file's [first, last).
    """

    start: datetime | None = None
    until: datetime | None = None
    first: int = 0
    last: int | None = None
    files: tuple[Piece, ...] = ()


@dataclass(frozen=True)
class Scope:
    """Where a window is read from, and when it was begun to be read.

    A `file` may be a folder of them, whose parts then tell their `files`.

    `rows` are how many there are, where that is known before they are read. `start` and `until` are
    the log's span [start, until), None for a `file`; `newest` is the time of the log's newest row,
    None if it has none.
    """

    source: str
    read_at: datetime
    parts: tuple[Part, ...]
    rows: int | None = None
    file: str | None = None
    start: datetime | None = None
    until: datetime | None = None
    newest: datetime | None = None


def plan(settings: Settings, bundle: Bundle, until: str | None, file: str | None) -> Scope:
    """Plan to read a file or a folder where one is named, else the log.

    Raises `Refusal` when both a file and a time are given, or when either cannot be read.
    """
    if file and until:
        raise Refusal("give --until (a window of the log) or --window (a file), not both")
    if file:
        return of_table(file)
    log = PredictionLog(settings.name, bundle.contract)
    try:
        return of_log(log, moments.parse(until, "--until"), settings)
    except LogUnavailable as error:
        raise Refusal(f"the prediction log cannot be read: {error}") from None
    finally:
        log.close()


def of_log(log: PredictionLog, until: datetime | None, settings: Settings) -> Scope:
    """Plan to read the settings' window of days before `until`, or up to the newest row."""
    now, newest = datetime.now(UTC), log.newest()
    if until is None:
        until = newest.replace(second=0, microsecond=0) + MINUTE if newest else now
    start = until - timedelta(days=settings.monitor.window_days)
    rows = log.size(start, until)
    count = max(1, -(-rows // PART_ROWS))
    borders = [start + (until - start) * at / count for at in range(count)] + [until]
    return Scope(
        source=log.address,
        read_at=now,
        parts=tuple(Part(a, b) for a, b in itertools.pairwise(borders)),
        rows=rows,
        start=start,
        until=until,
        newest=newest,
    )


def of_table(address: str) -> Scope:
    """Plan to read a file, or a folder of them here or on S3, such as ScoreFlow's answers."""
    if address.startswith(storage.S3) or Path(address).is_dir():
        return of_folder(address)
    return of_file(Path(address))


def of_folder(address: str) -> Scope:
    """Plan to read a partitioned table, or a folder of Parquet or CSV files, in parts of them."""
    table = pieces.counted(pieces.listed(address))
    if not table.files:
        raise Refusal(f"{address} holds no rows")
    sizes = [piece.rows for piece in table.files]
    known = [size for size in sizes if size is not None]
    # Where a file does not tell its rows, a task takes it alone.
    counted = [PART_ROWS if size is None else size for size in sizes]
    cut = _parts(counted, max(PART_ROWS, -(-sum(counted) // MOST_PARTS)))
    return Scope(
        source=address,
        read_at=datetime.now(UTC),
        parts=tuple(Part(files=table.files[part.first : part.last]) for part in cut),
        rows=sum(known) if len(known) == len(sizes) else None,
        file=address,
    )


def of_file(path: Path) -> Scope:
    """Plan to read a Parquet file in parts of its row groups, or a CSV file as it is."""
    if not path.is_file():
        raise Refusal(f"no file {path} (looked in {Path.cwd()})")
    parts, rows = [Part()], None
    if path.suffix == ".parquet":
        try:
            found = pq.ParquetFile(path).metadata
        except (OSError, ValueError) as error:
            raise Refusal(f"{path} cannot be read as a table: {error}") from None
        sizes = [found.row_group(at).num_rows for at in range(found.num_row_groups)]
        parts, rows = _parts(sizes, PART_ROWS), found.num_rows
    return Scope(
        source=str(path),
        read_at=datetime.now(UTC),
        parts=tuple(parts),
        rows=rows,
        file=str(path.resolve()),
    )


def _parts(sizes: list[int], most: int) -> list[Part]:
    parts, first, rows = [], 0, 0
    for at, size in enumerate(sizes):
        if rows and rows + size > most:
            parts.append(Part(first=first, last=at))
            first, rows = at, 0
        rows += size
    return [*parts, Part(first=first, last=len(sizes))]
