"""The ingest's card: what came, what of it is new, and what was rejected for which reasons."""

from typing import Any

from shared import cards
from shared.ingestion.reconcile import IngestResult
from shared.words import number_of

Components = list[Any]
COUNTS = ("received", "new", "corrected", "unchanged", "repeated", "rejected")


def ingest(result: IngestResult) -> Components:
    """Draw the counts of an ingest, the reasons of rejected rows, and the rows by day."""
    counts = {name: getattr(result, name) for name in COUNTS}
    version = f"{result.version_before} → {result.version}"
    mood = _mood(result)
    reasons = [{"Reason": r, "Rows": n} for r, n in result.reasons.items()]
    components = [
        *cards.headline(mood, words(result), f"From `{result.origin}`."),
        cards.facts({**counts, "table": result.table, "version": version}),
        cards.note(
            "A received row is new, corrected (its key was in the table with other values), "
            "unchanged, repeated (a later row has the same key and counts instead), or rejected."
        ),
    ]
    if runs := result.abandoned_runs_cleared:
        components.append(
            cards.note(f"Removed what unfinished runs had staged: {', '.join(runs)}.")
        )
    components += [
        *cards.section("Rejected", _rejected(result)),
        *cards.first_rows(reasons),
    ]
    if result.days or result.rejected_days:
        components += [*cards.section("Rows by day"), cards.picture(_days(result))]
    return components


def _mood(result: IngestResult) -> str:
    if not result.received:
        return "quiet"
    if result.rejected == result.received:
        return "bad"
    return "warn" if result.rejected else "good"


def words(result: IngestResult) -> str:
    """Return an ingest's counts in a line."""
    counts = ", ".join(f"{getattr(result, name):,} {name}" for name in COUNTS[1:])
    return f"{number_of(result.received, 'row')}: {counts}"


def _rejected(result: IngestResult) -> str:
    if not result.rejected:
        return "Every row meets the contract."
    if result.rejected == result.received:
        return (
            "Every row was rejected, so the table is unchanged. They are kept in the table "
            f"`{result.rejected_rows}`, with all their reasons."
        )
    return (
        f"Rows that break the contract are in the table `{result.rejected_rows}`, with all their "
        f"reasons; {result.rejected_before:,} of them were there already."
    )


def _days(result: IngestResult) -> Any:
    days = sorted({*result.days, *result.rejected_days})
    figure, axes = cards.figure(10, 2.6)
    for rows, colour in ((result.days, cards.ACCENT), (result.rejected_days, cards.BAD)):
        axes.bar(range(len(days)), [rows.get(day, 0) for day in days], width=1.0, color=colour)
    ticks = sorted({0, len(days) // 2, len(days) - 1})
    axes.set_xticks(ticks, [days[tick] for tick in ticks])
    axes.set_title("Rows received, by day (rejected in red)")
    return figure
