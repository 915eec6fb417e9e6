"""The parts of an ingest: sorted by day, added up, held against each other, and described."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shared.errors import Refusal
from shared.ingestion import staging
from shared.ingestion.merge import Merged, merge
from shared.ingestion.plan import REJECTED, ROW, ROWS, IngestPlan, rejected_schema
from shared.ingestion.read import RowsRead
from shared.settings import Settings
from shared.tables import delta
from shared.tables.stretches import stretches_of


@dataclass(frozen=True)
class MergePart:
    """Days whose staged rows one task merges, of a kind: rows, or rejected ones."""

    kind: str
    days: tuple[str, ...]


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
        delta.create(plan.rejected, rejected_schema(plan))
        delta.widen(delta.open_table(plan.rejected), rejected_schema(plan))
        return part.kind, merge(plan.rejected, staged, part.days, ROW)
    moved = settings.ingest.moved_days
    return part.kind, merge(plan.table, staged, part.days, plan.contract.key, moved)


def ingest_result(
    plan: IngestPlan, read: RowsRead, merged: Sequence[tuple[str, Merged]]
) -> dict[str, Any]:
    """Return an ingest's counts, and clear its staging folder.

    Raises `Refusal` when a row that was read is neither in the table nor among the rejected.
    """
    rows = sum((made for kind, made in merged if kind == ROWS), Merged())
    aside = sum((made for kind, made in merged if kind == REJECTED), Merged())
    _refuse_lost(read, rows, aside)
    staging.clear(plan.staging)
    return {
        "origin": plan.origin,
        "table": plan.table,
        "version before": plan.version,
        "version": delta.open_table(plan.table).version(),
        "received": read.received,
        "new": rows.new,
        "corrected": rows.corrected,
        "unchanged": rows.unchanged,
        "repeated": rows.repeated,
        "rejected": read.rejected,
        "rejected before": aside.unchanged + aside.corrected + aside.repeated,
        "rejected rows": plan.rejected if read.rejected else None,
        "reasons": dict(read.reasons.most_common()),
        "days": dict(sorted(read.staged[ROWS].items())),
        "rejected days": dict(sorted(read.staged[REJECTED].items())),
        "days written": rows.days_written,
        "abandoned runs cleared": list(plan.abandoned),
    }


def _refuse_lost(read: RowsRead, rows: Merged, aside: Merged) -> None:
    merged = rows.new + rows.corrected + rows.unchanged + rows.repeated
    set_aside = aside.new + aside.corrected + aside.unchanged + aside.repeated
    if (merged, set_aside, merged + set_aside) != (read.accepted, read.rejected, read.received):
        raise Refusal(
            f"{read.received:,} rows were read, but {merged:,} are in the table and "
            f"{set_aside:,} among the rejected: run the ingest again, which changes nothing "
            "that stands"
        )


def _day_groups(days: Counter[str], most: int) -> list[tuple[str, ...]]:
    listed = sorted(days)
    cut = stretches_of([days[day] for day in listed], most)
    return [tuple(listed[at.start : at.stop]) for at in cut]
