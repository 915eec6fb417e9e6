"""The scoring card: how many rows are answered, which were refused, and how fast it went."""

from typing import Any

from shared import cards
from shared.scoring.reconcile import ScoreResult
from shared.words import number_of


def score(result: ScoreResult) -> list[Any]:
    """Draw the totals of a scoring run, and why rows were refused."""
    shown_below = ("reasons", "compared", "not_compared")
    counts = {n.replace("_", " "): v for n, v in result.plain().items() if n not in shown_below}
    speed = result.rows_scored_now / result.seconds if result.seconds else None
    reasons = [{"Reason": r, "Rows": n} for r, n in result.reasons.items()]
    refused = "Every row meets the contract."
    if result.refused:
        refused = (
            "Rows that break the bundle's contract get no answer; they are in "
            f"`{result.refused_rows}`, with their reasons. Below are the reasons in "
            "the partitions that this run scored."
        )
    return [
        *cards.headline(
            "warn" if result.refused else "good",
            words(result),
            f"By bundle `{result.bundle[:12]}`, into `{result.output}`. Every row of the table "
            "is either answered or refused.",
        ),
        cards.facts({**counts, "rows per second, per task": speed}),
        *cards.section("Refused", refused),
        *(cards.first_rows(reasons) if reasons else []),
        *_batch_and_server(result),
    ]


def _batch_and_server(result: ScoreResult) -> list[Any]:
    if not result.compared and not result.not_compared:
        return []
    again = (
        f"{number_of(result.compared, 'row was', 'rows were')} answered again as a server "
        "answers them"
    )
    text = f"{again}: every answer is the same (to 1e-9, as golden rows are held to)."
    if result.not_compared:
        text = f"Of the rows that this run scored, {result.compared:,} were compared with a "
        text += f"server's answers: {result.not_compared}."
    return cards.section("Batch and server", text)


def words(result: ScoreResult) -> str:
    """Return a scoring run's counts in a line."""
    return (
        f"{number_of(result.rows, 'row')}: {result.answered:,} answered, {result.refused:,} "
        "refused; "
        f"{number_of(result.partitions_scored_now, 'partition')} scored now, "
        f"{result.partitions_scored_before:,} before"
    )
