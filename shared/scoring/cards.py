"""The scoring card: how many rows are answered, which were refused, and how fast it went."""

from typing import Any

from shared import cards

Components = list[Any]
MOST_REASONS = 30


def score(settled: dict[str, Any]) -> Components:
    """Draw the totals of a scoring run, and why rows were refused."""
    counts = {name: value for name, value in settled.items() if name != "reasons"}
    speed = settled["rows scored now"] / settled["seconds"] if settled["seconds"] else None
    reasons = [{"Reason": r, "Rows": n} for r, n in settled["reasons"].items()]
    aside = "Every row keeps to the contract."
    if settled["refused"]:
        aside = (
            "Rows that break the bundle's contract are not answered, and stand with their reasons "
            f"in `{settled['refused rows']}`. Reasons are those of this run's partitions."
        )
    return [
        *cards.headline(
            "warn" if settled["refused"] else "good",
            words(settled),
            f"By bundle `{settled['bundle'][:12]}`, into `{settled['output']}`. Every row of the "
            "table is answered or refused: the files were counted.",
        ),
        cards.facts({**counts, "rows a second and task": speed}),
        *cards.section("Refused", aside),
        *([cards.table(reasons[:MOST_REASONS])] if reasons else []),
    ]


def words(settled: dict[str, Any]) -> str:
    """Return a scoring run's counts in a line."""
    return (
        f"{settled['rows']:,} rows: {settled['answered']:,} answered, "
        f"{settled['refused']:,} refused; {settled['partitions scored now']:,} partitions scored "
        f"now, {settled['partitions scored before']:,} before"
    )
