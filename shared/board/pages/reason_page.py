"""The rows that show one reason of a window's verdict, each to be looked up by its key."""

from dataclasses import dataclass
from typing import Any

from shared.board.pages.problem_states import Window
from shared.errors import Refusal
from shared.lineage import run_artifacts, run_history
from shared.model.verdict import Reason, read_verdict
from shared.runs.records import Record

# So many rows are shown, those that show it best.
MOST = 200


@dataclass(frozen=True)
class ReasonPage:
    """A reason, its number in the verdict from 1, and its rows: key, value of a column, time.

    The `column` is the reason's, or the target where it is about outcomes. `found` is how many rows
    were kept of it.
    """

    window: Window
    number: int
    reason: Reason
    column: str | None
    rows: tuple[tuple[Any, Any, Any], ...]
    found: int


def read(record: Record, number: int) -> ReasonPage:
    """Return the page of a reason. Raises `Refusal` where the run has none of that number."""
    verdict = read_verdict(record.facts["verdict"]) if "verdict" in record.facts else None
    if verdict is None or not 1 <= number <= len(verdict.reasons):
        raise Refusal(f"{record.pathspec} has no reason {number}.")
    run = run_history.run_named(record.pathspec)
    with run_artifacts.refusing_what_is_lost(f"reason_rows of {record.pathspec}"):
        kept = run_artifacts.kept_of(run, "judge", "reason_rows") if run else None
    if kept is None:
        raise Refusal(f"{record.pathspec} has kept no rows of its reasons.")
    found = kept["reason_rows"]
    own = found[found["reason"] == number]
    first = own[["key", "value", "time"]].head(MOST).itertuples(index=False, name=None)
    rows = tuple((key, _short(value), time) for key, value, time in first)
    column = next(iter(own["column"].dropna()), None)
    reason = verdict.reasons[number - 1]
    return ReasonPage(Window(record, verdict), number, reason, column, rows, len(own))


def _short(value: Any) -> Any:
    """Return a value as it was kept, as text, or the number of one with decimals."""
    try:
        return float(value) if "." in str(value) else value
    except ValueError:
        return value
