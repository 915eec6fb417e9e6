"""What one monitoring run judges: a span of the prediction log, or a file; and its parts."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from shared import utc
from shared.errors import Refusal
from shared.log.opening import opened_log
from shared.model.bundle import Bundle
from shared.monitoring.windows import strays
from shared.settings import Settings
from shared.tables import file_rows, storage, table_files
from shared.tables.stretches import stretches_of
from shared.tables.table_files import TableFile, TableFiles

if TYPE_CHECKING:
    from shared.log.prediction_log import PredictionLog

MINUTE = timedelta(minutes=1)
# What times may be whole ones of, so that the newest stands for all of it.
WHOLE = (timedelta(days=1), timedelta(hours=1))
# So many rows are one task's; what it holds in memory at once is far less.
PART_ROWS = 2_000_000
# A table is cut into twice as many tasks at most; Metaflow itself stops at a hundred.
MOST_PARTS = 48
# So many rows at either end of a log are looked at for times that are far from all others.
LOOKED_AT = 1_000
Answered = tuple[datetime, datetime]


@dataclass(frozen=True)
class Part:
    """A piece of a scope: a span of time [start, until) of the log, or files, or one's row groups.

    All row groups where none are named.
    """

    start: datetime | None = None
    until: datetime | None = None
    files: tuple[TableFile, ...] = ()
    groups: range | None = None


@dataclass(frozen=True)
class Scope:
    """Where a window is read from, and when it was begun to be read.

    A `file` may be a folder of them. `rows` are how many there are, where that is known before they
    are read. `start` and `until` are the log's span [start, until), None for a `file`; `newest` is
    the time of the log's newest row, None if it has none. Rows far after it are `late`, and those
    far before all others `early`: each by its time, and the early ones with when they were logged.
    """

    source: str
    read_at: datetime
    parts: tuple[Part, ...]
    rows: int | None = None
    file: str | None = None
    start: datetime | None = None
    until: datetime | None = None
    newest: datetime | None = None
    late: tuple[datetime, ...] = ()
    early: tuple[tuple[datetime, datetime], ...] = ()

    @property
    def due_at(self) -> datetime:
        """The moment up to which outcomes can have come: of a log of the past, its newest row's."""
        return min(self.read_at, self.newest or self.read_at)


def plan(settings: Settings, bundle: Bundle, until: str | None, file: str | None) -> Scope:
    """Plan to read a file or a folder where one is named, else the log.

    Raises `Refusal` when both a file and a time are given, or when either cannot be read.
    """
    if file and until:
        raise Refusal("give --until (a window of the log) or --window (a file), not both")
    if file:
        return plan_table(file)
    with opened_log(settings.name, bundle.contract) as log:
        return plan_log(log, utc.parse_time(until, "--until"), settings)


def plan_log(log: "PredictionLog", until: datetime | None, settings: Settings) -> Scope:
    """Plan to read the settings' window of days before `until`, or up to the newest row.

    Raises `Refusal` when all of it is yet to come.
    """
    now, gap = datetime.now(UTC), timedelta(days=settings.monitor.window_days)
    latest = log.predictions.latest(LOOKED_AT)
    late = _late(latest, gap, now)
    newest = latest[late][0] if latest else None
    if until is None:
        until = _end_after(newest, latest[late:]) if newest else now
    start = until - timedelta(days=settings.monitor.window_days)
    if start >= max(now, newest or now):
        # Empty as it is, it would be the newest window for as long as that.
        raise Refusal(
            f"--until {until:%Y-%m-%dT%H:%M}: the window of {settings.monitor.window_days:g} days "
            f"before it has not begun yet; give a time up to now ({now:%Y-%m-%dT%H:%M}), or none"
        )
    rows = log.predictions.size(start, until)
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
        late=tuple(time for time, _ in latest[:late] if time >= until),
        early=tuple(_early(log.predictions.earliest(LOOKED_AT), gap)),
    )


def _end_after(newest: datetime, latest: Sequence[Answered]) -> datetime:
    """Return the end of the newest time: of its day or hour where times are whole ones, so that the
    window begins with one, or else of its minute.
    """
    times = {time for time, _ in latest}
    for unit in WHOLE if len(times) > 1 else ():
        if all((time - datetime.min.replace(tzinfo=UTC)) % unit == timedelta(0) for time in times):
            return newest + unit
    return newest.replace(second=0, microsecond=0) + MINUTE


def _late(latest: Sequence[Answered], gap: timedelta, now: datetime) -> int:
    """Return how many of the latest rows have a time that is far after all the others."""
    # A row that was answered at about its time is no stray: the service was only idle before.
    after = [(time - logged_at).total_seconds() for time, logged_at in latest]
    live = (at for at, by in enumerate(after) if -gap.total_seconds() <= by <= strays.DAY)
    seconds, rows = _seconds(latest), np.ones(len(latest))
    far = strays.late_rows(seconds, rows, gap.total_seconds(), now.timestamp())
    return min(far, next(live, far))


def _early(earliest: Sequence[Answered], gap: timedelta) -> Sequence[Answered]:
    far = strays.far_rows(_seconds(earliest), np.ones(len(earliest)), gap.total_seconds())
    return earliest[:far]


def _seconds(answered: Sequence[Answered]) -> np.ndarray:
    return np.array([time.timestamp() for time, _ in answered])


def plan_table(address: str) -> Scope:
    """Plan to read a file, or a folder of them here or on S3, such as ScoreFlow's answers."""
    table = table_files.list_files(address)
    if not table.files:
        raise Refusal(f"{address} holds no rows")
    single = len(table.files) == 1 and table.files[0].path.endswith(".parquet")
    parts, sizes = _parts_by_group(table) if single else _parts_by_file(table)
    known = [size for size in sizes if size is not None]
    return Scope(
        source=address,
        read_at=datetime.now(UTC),
        parts=tuple(parts),
        rows=sum(known) if len(known) == len(sizes) else None,
        file=storage.place(address).address,
    )


def _parts_by_group(table: TableFiles) -> tuple[list[Part], Sequence[int | None]]:
    """Cut a table in one Parquet file into parts of its row groups."""
    sizes = file_rows.row_group_sizes(table.address, table.files[0])
    # A file without row groups is a part too, which has no rows.
    cut = stretches_of(sizes, PART_ROWS) or [range(0)]
    return [Part(files=table.files, groups=groups) for groups in cut], sizes


def _parts_by_file(table: TableFiles) -> tuple[list[Part], Sequence[int | None]]:
    """Cut a table into parts of its files; one of unknown size is a part by itself."""
    files = table_files.with_row_counts(table).files
    sizes = [file.rows for file in files]
    counted = [PART_ROWS if size is None else size for size in sizes]
    cut = stretches_of(counted, max(PART_ROWS, -(-sum(counted) // MOST_PARTS)))
    return [Part(files=files[at.start : at.stop]) for at in cut], sizes
