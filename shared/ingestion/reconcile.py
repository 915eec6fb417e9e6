"""The parts of an ingest: shared out by day, added up, and reconciled."""

import dataclasses
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from shared.errors import Refusal
from shared.ingestion import staging
from shared.ingestion.merge import Merged, merge
from shared.ingestion.plan import REJECTED, ROWS, IngestPlan
from shared.ingestion.read import RowsRead
from shared.kept import Kept
from shared.settings import Settings
from shared.tables import delta
from shared.tables.stretches import stretches_of
from shared.words import number_of


@dataclass(frozen=True)
class MergePart:
    """Days whose staged rows one task merges, of a kind: rows, or rejected ones."""

    kind: str
    days: tuple[str, ...]


class IngestResult(Kept):
    """What an ingest did to the table: rows by what became of them, by reason and by day.

    `repeated` rows had their key again later in the origin, and `rejected_before` ones were among
    the rejected already. `rejected_rows` is the address of the table of those, None without any.
    """

    origin: str
    table: str
    version_before: int
    version: int
    received: int
    new: int
    corrected: int
    unchanged: int
    repeated: int
    rejected: int
    rejected_before: int
    rejected_rows: str | None
    reasons: dict[str, int]
    days: dict[str, int]
    rejected_days: dict[str, int]
    days_written: int
    abandoned_runs_cleared: tuple[str, ...]


def total_read(parts: Sequence[RowsRead]) -> RowsRead:
    """Add up what became of the rows of all parts of the origin."""
    added = RowsRead()
    for part in parts:
        added.received += part.received
        added.accepted += part.accepted
        added.rejected += part.rejected
        added.reasons.update(part.reasons)
        for kind, days in part.staged.items():
            added.staged[kind].update(days)
    return added


def merge_parts(read: RowsRead, settings: Settings) -> list[MergePart]:
    """Cut the staged days into parts of about as many rows, in order; there is always one."""
    parts = []
    for kind, days in read.staged.items():
        most = max(settings.ingest.task_rows, -(-days.total() // settings.ingest.tasks))
        parts += [MergePart(kind, group) for group in _day_groups(days, most)]
    return parts or [MergePart(ROWS, ())]


def merge_part(plan: IngestPlan, part: MergePart, settings: Settings) -> tuple[str, Merged]:
    """Merge one part's rows into the table, or its rejected rows into the table of those."""
    if not part.days:
        return part.kind, Merged()
    staged = f"{plan.staging}/{part.kind}"
    if part.kind == REJECTED:
        delta.create(plan.rejected, plan.rejected_schema)
        delta.widen(delta.open_table(plan.rejected), plan.rejected_schema)
        return part.kind, merge(plan.rejected, staged, part.days, plan.row_name)
    moved = settings.ingest.moved_days
    return part.kind, merge(plan.table, staged, part.days, plan.contract.key, moved)


def ingest_result(
    plan: IngestPlan, read: RowsRead, merged: Sequence[tuple[str, Merged]]
) -> IngestResult:
    """Count what an ingest did, and clear its staging folder.

    Raises `Refusal` when a row that was read is neither in the table nor among the rejected.
    """
    rows = sum((made for kind, made in merged if kind == ROWS), Merged())
    rejected = sum((made for kind, made in merged if kind == REJECTED), Merged())
    _refuse_lost(read, rows, rejected)
    staging.clear(plan.staging)
    return IngestResult(
        **dataclasses.asdict(rows),
        origin=plan.origin,
        table=plan.table,
        version_before=plan.version,
        version=delta.open_table(plan.table).version(),
        received=read.received,
        rejected=read.rejected,
        rejected_before=rejected.total - rejected.new,
        rejected_rows=plan.rejected if read.rejected else None,
        reasons=dict(read.reasons.most_common()),
        days=dict(sorted(read.staged[ROWS].items())),
        rejected_days=dict(sorted(read.staged[REJECTED].items())),
        abandoned_runs_cleared=plan.abandoned,
    )


def refuse_all_rejected(result: IngestResult) -> None:
    """Raise a `Refusal` where every row that came was rejected; none of them is lost."""
    if result.received and result.rejected == result.received:
        reason, rows = next(iter(result.reasons.items()))
        raise Refusal(
            f"every one of {number_of(result.received, 'row')} was rejected, {rows:,} of them "
            "since "
            f"{reason}; they are kept in {result.rejected_rows}"
        )


def _refuse_lost(read: RowsRead, rows: Merged, rejected: Merged) -> None:
    counts = rows.total, rejected.total, rows.total + rejected.total
    if counts != (read.accepted, read.rejected, read.received):
        raise Refusal(
            f"{number_of(read.received, 'row was', 'rows were')} read, but {rows.total:,} are "
            "in the table and "
            f"{rejected.total:,} among the rejected: run the ingest again, as it "
            "changes nothing that is already in the table"
        )


def _day_groups(days: Counter[str], most: int) -> list[tuple[str, ...]]:
    listed = sorted(days)
    cut = stretches_of([days[day] for day in listed], most)
    return [tuple(listed[at.start : at.stop]) for at in cut]
