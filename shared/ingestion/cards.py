"""The ingest's card: what came, what of it is new, and what was set aside for which reasons."""

from typing import Any

from shared import cards

Components = list[Any]
COUNTS = ("received", "new", "corrected", "unchanged", "repeated", "rejected")
MOST_REASONS = 30


def ingest(settled: dict[str, Any]) -> Components:
    """Draw the counts of an ingest, the reasons of rejected rows, and the rows by day."""
    counts = {name: settled[name] for name in COUNTS}
    version = f"{settled['version before']} → {settled['version']}"
    components = [
        *cards.headline(_mood(settled), words(settled), f"From `{settled['origin']}`."),
        cards.facts({**counts, "table": settled["table"], "version": version}),
        cards.note(
            "Received rows are new, corrected (their key stood with other values), unchanged, "
            "repeated (their key came again later, which counts) or rejected."
        ),
        *_abandoned(settled),
        *cards.section("Rejected", _aside(settled)),
    ]
    reasons = [{"Reason": r, "Rows": n} for r, n in settled["reasons"].items()]
    components.append(cards.table(reasons[:MOST_REASONS]))
    if settled["days"] or settled["rejected days"]:
        components += [*cards.section("Rows by day"), cards.picture(_days(settled))]
    return components


def words(settled: dict[str, Any]) -> str:
    """Return an ingest's counts in a line."""
    sentence = ", ".join(f"{settled[name]:,} {name}" for name in COUNTS[1:])
    return f"{settled['received']:,} rows: {sentence}"


def _mood(settled: dict[str, Any]) -> str:
    if not settled["received"]:
        return "quiet"
    return "warn" if settled["rejected"] else "good"


def _abandoned(settled: dict[str, Any]) -> Components:
    runs = settled["abandoned runs cleared"]
    sentence = f"What runs that came to no end had staged is cleared: {', '.join(runs)}."
    return [cards.note(sentence)] if runs else []


def _aside(settled: dict[str, Any]) -> str:
    if not settled["rejected"]:
        return "Every row keeps to the contract."
    return (
        "Rows that break the contract are set aside, with all their reasons, in the table "
        f"`{settled['rejected rows']}`; {settled['rejected before']:,} of them stood there before."
    )


def _days(settled: dict[str, Any]) -> Any:
    days = sorted({*settled["days"], *settled["rejected days"]})
    figure, axes = cards.figure(10, 2.6)
    for name, colour in (("days", cards.ACCENT), ("rejected days", cards.BAD)):
        counts = [settled[name].get(day, 0) for day in days]
        axes.bar(range(len(days)), counts, width=1.0, color=colour, label=name.replace("days", ""))
    ticks = sorted({0, len(days) // 2, len(days) - 1})
    axes.set_xticks(ticks, [days[tick] for tick in ticks])
    axes.set_title("Rows received, by day (rejected ones red)")
    return figure
