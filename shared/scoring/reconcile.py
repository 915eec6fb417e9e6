"""A scoring run reconciled: each row that is in the table is answered, or refused with a reason."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from shared.errors import Refusal
from shared.scoring.partitions import Plan, notes
from shared.scoring.score import Scored

MOST_NAMED = 3


def settle(plan: Plan, scored: Iterable[Scored]) -> dict[str, Any]:
    """Return a scoring run's counts as plain values.

    What is in the table is told by its own files, and what was answered by the files of answers, as
    they are now. Raises `Refusal` when the two differ.
    """
    made = {one.folder: one for one in scored}
    there = notes(plan.output, [partition.folder for partition in plan.partitions])
    counts, lost, reasons = Counter[str](), [], Counter[str]()
    for partition in plan.partitions:
        folder, note = partition.folder, there.get(partition.folder, {})
        answered, refused = int(note.get("rows", 0)), int(note.get("refused", 0))
        received = partition.rows
        if received is None:
            received = made[folder].read if folder in made else answered + refused
        if note.get("stamp", partition.stamp) != partition.stamp or received != answered + refused:
            lost.append(f"{folder or plan.table}: {received:,} rows, {answered + refused:,} told")
        counts.update({"rows": received, "answered": answered, "refused": refused})
    _refuse_lost(lost, plan)
    for one in made.values():
        reasons.update(one.reasons)
    return {
        "table": plan.table,
        "version": plan.version,
        "bundle": plan.digest,
        "output": plan.output,
        **{name: counts[name] for name in ("rows", "answered", "refused")},
        "refused rows": plan.refused if counts["refused"] else None,
        "partitions": len(plan.partitions),
        "partitions scored now": len(made),
        "partitions scored before": len(plan.kept),
        "rows scored now": sum(one.read for one in made.values()),
        "seconds": sum(one.seconds for one in made.values()),
        "seconds in the model": sum(one.model_seconds for one in made.values()),
        "reasons": dict(reasons.most_common()),
    }


def _refuse_lost(lost: list[str], plan: Plan) -> None:
    if lost:
        raise Refusal(
            f"{len(lost)} of {len(plan.partitions)} partitions do not add up "
            f"({'; '.join(lost[:MOST_NAMED])}): the table or {plan.output} was changed meanwhile; "
            "run again, which scores only what is not there"
        )
