"""A scoring run reconciled: each row that is in the table is answered, or refused with a reason."""

from collections import Counter
from collections.abc import Iterable, Mapping

from pydantic import AliasChoices, Field

from shared.errors import Refusal
from shared.kept import Kept
from shared.scoring.partitions import Plan, notes
from shared.scoring.score import Scored
from shared.words import number_of

MOST_NAMED = 3


class ScoreResult(Kept):
    """What a scoring run made of a table: its rows answered or refused, by this run or before.

    `refused_rows` is the address of the table of those, None without any; `reasons` and `seconds`,
    added over tasks, are of the partitions that this run scored. Of these rows so many were
    `compared` with a server's answers, or `not_compared` says why they were not. Where they are
    `explained`, each answer has its reasons beside it.
    """

    table: str
    version: int | None
    bundle: str
    output: str
    rows: int
    answered: int
    refused: int
    refused_rows: str | None
    partitions: int
    partitions_scored_now: int
    partitions_scored_before: int
    rows_scored_now: int
    seconds: float
    model_seconds: float = Field(
        validation_alias=AliasChoices("model_seconds", "seconds in the model")
    )
    reasons: dict[str, int]
    compared: int = 0
    not_compared: str | None = None
    explained: bool = False


def score_result(plan: Plan, scored: Iterable[Scored]) -> ScoreResult:
    """Count a scoring run: rows by the table's own files, answers by the files of answers.

    Raises `Refusal` when the two differ.
    """
    made = {one.folder: one for one in scored}
    counts = _counted(plan, made)
    reasons = sum((one.reasons for one in made.values()), Counter[str]())
    return ScoreResult(
        table=plan.table,
        version=plan.version,
        bundle=plan.digest,
        output=plan.output,
        rows=counts["rows"],
        answered=counts["answered"],
        refused=counts["refused"],
        refused_rows=plan.refused if counts["refused"] else None,
        partitions=len(plan.partitions),
        partitions_scored_now=len(made),
        partitions_scored_before=len(plan.kept),
        rows_scored_now=sum(one.read for one in made.values()),
        seconds=sum(one.seconds for one in made.values()),
        model_seconds=sum(one.model_seconds for one in made.values()),
        reasons=dict(reasons.most_common()),
        compared=sum(one.compared for one in made.values()),
        explained=plan.explain,
        not_compared=next(filter(None, (one.not_compared for one in made.values())), None),
    )


def _counted(plan: Plan, made: Mapping[str, Scored]) -> Counter[str]:
    there = notes(plan.output, [partition.folder for partition in plan.partitions])
    counts, lost = Counter[str](), []
    for partition in plan.partitions:
        folder, note = partition.folder, there.get(partition.folder, {})
        answered, refused = int(note.get("rows", 0)), int(note.get("refused", 0))
        done, received = answered + refused, partition.rows
        if received is None:
            received = made[folder].read if folder in made else done
        if note.get("stamp", partition.stamp) != partition.stamp or received != done:
            lost.append(
                f"{folder or plan.table}: {number_of(received, 'row')}, {done:,} answered or "
                "refused"
            )
        counts.update(rows=received, answered=answered, refused=refused)
    if lost:
        raise Refusal(
            f"{len(lost)} of {len(plan.partitions)} partitions do not add up "
            f"({'; '.join(lost[:MOST_NAMED])}): the table or {plan.output} changed "
            "in the meantime; run again: only what is missing is scored"
        )
    return counts
