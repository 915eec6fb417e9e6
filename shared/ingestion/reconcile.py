"""The parts of an ingest: sorted by day, added up, held against each other, and described."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shared.errors import Refusal
from shared.ingestion import staging
from shared.ingestion.merge import Merged, merge
from shared.ingestion.plan import REJECTED, ROW, ROWS, Plan, rejected_schema
from shared.ingestion.read import Drawn
from shared.settings import Settings
from shared.tables import delta


@dataclass(frozen=True)
class Part:
    """Days whose staged rows one task merges, of a kind: rows, or rejected ones."""

    kind: str
    days: tuple[str, ...]


def total(drawn: Sequence[Drawn]) -> Drawn:
    """Add up what the draws made of the origin's rows."""
    added = Drawn()
    for part in drawn:
        added.received += part.received
        added.accepted += part.accepted
        added.rejected += part.rejected
        added.reasons.update(part.reasons)
        for kind, days in part.staged.items():
            added.staged[kind].update(days)
    return added


def parts(drawn: Drawn, settings: Settings) -> list[Part]:
    """Cut the staged days into parts of about as many rows, in order; there is always one."""
    found = []
    for kind, days in drawn.staged.items():
        most = max(settings.ingest.task_rows, -(-days.total() // settings.ingest.tasks))
        found += [Part(kind, group) for group in _groups(days, most)]
    return found or [Part(ROWS, ())]


def take(plan: Plan, part: Part, settings: Settings) -> tuple[str, Merged]:
    """Merge one part's rows into the table, or its rejected rows into the table of those."""
    if not part.days:
        return part.kind, Merged()
    staged = f"{plan.staging}/{part.kind}"
    if part.kind == REJECTED:
        delta.create(plan.rejected, rejected_schema(plan))
        delta.widen(delta.opened(plan.rejected), rejected_schema(plan))
        return part.kind, merge(plan.rejected, staged, part.days, ROW)
    moved = settings.ingest.moved_days
    return part.kind, merge(plan.table, staged, part.days, plan.contract.key, moved)


def settle(plan: Plan, drawn: Drawn, merged: Sequence[tuple[str, Merged]]) -> dict[str, Any]:
    """Return an ingest's counts, and clear its staging folder.

    Raises `Refusal` when a row that was read is neither in the table nor among the rejected.
    """
    rows = sum((made for kind, made in merged if kind == ROWS), Merged())
    aside = sum((made for kind, made in merged if kind == REJECTED), Merged())
    _refuse_lost(drawn, rows, aside)
    staging.clear(plan.staging)
    return {
        "origin": plan.origin,
        "table": plan.table,
        "version before": plan.version,
        "version": delta.opened(plan.table).version(),
        "received": drawn.received,
        "new": rows.new,
        "corrected": rows.corrected,
        "unchanged": rows.unchanged,
        "repeated": rows.repeated,
        "rejected": drawn.rejected,
        "rejected before": aside.unchanged + aside.corrected + aside.repeated,
        "rejected rows": plan.rejected if drawn.rejected else None,
        "reasons": dict(drawn.reasons.most_common()),
        "days": dict(sorted(drawn.staged[ROWS].items())),
        "rejected days": dict(sorted(drawn.staged[REJECTED].items())),
        "days written": rows.days_written,
        "abandoned runs cleared": list(plan.abandoned),
    }


def _refuse_lost(drawn: Drawn, rows: Merged, aside: Merged) -> None:
    known = (rows.new + rows.corrected + rows.unchanged + rows.repeated, drawn.accepted)
    told = aside.new + aside.corrected + aside.unchanged + aside.repeated
    if (
        known[0] != known[1]
        or told != drawn.rejected
        or sum((drawn.accepted, drawn.rejected)) != drawn.received
    ):
        raise Refusal(
            f"{drawn.received:,} rows were read, but {known[0]:,} are in the table and {told:,} "
            "among the rejected: run the ingest again, which changes nothing that stands"
        )


def _groups(days: Counter[str], most: int) -> list[tuple[str, ...]]:
    groups: list[list[str]] = []
    held = 0
    for day in sorted(days):
        if not groups or held + days[day] > most:
            groups.append([])
            held = 0
        groups[-1].append(day)
        held += days[day]
    return [tuple(group) for group in groups]
