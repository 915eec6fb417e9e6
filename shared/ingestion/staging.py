"""The folders in which runs stage rows until they are merged: one a run, beside the table."""

from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath

import pyarrow.fs as pafs

from shared.settings import Settings
from shared.tables import storage


def staging_address(table: str, run: str = "") -> str:
    """Return the address of a run's folder, or of the folder of all runs' folders."""
    return f"{table.rstrip('/')}.staging/{run}".rstrip("/")


def clear(address: str) -> None:
    """Remove a run's folder, if it is there."""
    where = storage.place(address)
    with storage.reaching(address):
        if where.files.get_file_info(where.path).type == pafs.FileType.Directory:
            where.files.delete_dir(where.path)


def clear_abandoned(table: str, settings: Settings, now: datetime | None = None) -> tuple[str, ...]:
    """Remove what runs that came to no end have staged; returns their numbers.

    Whether another machine's run still goes on cannot be asked, and one that failed may be resumed.
    A run is taken for abandoned when it has staged nothing for twice as long as a task may take
    with all its retries.
    """
    resources = settings.resources
    patience = timedelta(minutes=2 * resources.minutes * (resources.retries + 1))
    limit = (now or datetime.now(UTC)) - patience
    gone = tuple(run for run, staged in _staged(table).items() if staged < limit)
    for run in gone:
        clear(staging_address(table, run))
    return gone


def staged_before(table: str, limit: datetime) -> dict[str, int]:
    """Return the bytes that each run has staged which staged nothing since a moment, by its number.

    Such a run came to no end: the last step of one that does clears its folder.
    """
    old = {run for run, staged in _staged(table).items() if staged < limit}
    sizes = dict.fromkeys(sorted(old), 0)
    for run in sizes:
        where = storage.place(staging_address(table, run))
        selector = pafs.FileSelector(where.path, allow_not_found=True, recursive=True)
        with storage.reaching(where.address):
            sizes[run] = sum(info.size or 0 for info in where.files.get_file_info(selector))
    return sizes


def _staged(table: str) -> dict[str, datetime]:
    """Return when each run that has a folder staged something last."""
    where, found = storage.place(staging_address(table)), dict[str, datetime]()
    selector = pafs.FileSelector(where.path, allow_not_found=True, recursive=True)
    with storage.reaching(where.address):
        for info in where.files.get_file_info(selector):
            # A folder of S3's has no time.
            if info.mtime is not None:
                run = PurePosixPath(info.path).relative_to(where.path).parts[0]
                found[run] = max(found.get(run, info.mtime), info.mtime)
    return found
