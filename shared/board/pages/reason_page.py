"""The rows that show one reason of a window's verdict, each to be looked up by its key."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shared.board import pictures
from shared.board.pages import problem_states
from shared.board.pages.measured_windows import measured
from shared.board.pages.problem_states import Window
from shared.board.remembered_pictures import Picture, picture_once
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
    were kept of it. `picture` shows its number window by window.
    """

    window: Window
    number: int
    reason: Reason
    column: str | None
    rows: tuple[tuple[Any, Any, Any], ...]
    found: int
    picture: Picture | None = None


def read(record: Record, number: int, history: Sequence[Record] = ()) -> ReasonPage:
    """Return the page of a reason, with its number in the windows of a history until then.

    Raises `Refusal` where the run has none of that number.
    """
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
    window = Window(record, verdict)
    like = (record.problem, record.branch)
    same = [one for one in history if (one.problem, one.branch) == like]
    place = f"{record.pathspec} reason {number}"
    picture = _over_time(place, window, reason, same)
    return ReasonPage(window, number, reason, column, rows, len(own), picture)


def _over_time(place: str, window: Window, reason: Reason, history: list[Record]) -> Picture | None:
    """Return a picture of a reason's number beside its threshold; None where it is one point."""
    until = window.verdict.until or window.verdict.judged_at
    found = []
    for one in problem_states.windows(history, problem_states.MOST_WINDOWS, until):
        if ends := _measured(one, reason):
            found.append((one.verdict.until or one.verdict.judged_at, ends))
    if len(found) < 2:
        return None
    words = f"{reason.subject}: the number of this reason, {reason.unit}, beside its threshold"

    def made() -> Picture:
        figure = pictures.beside_threshold(found, reason.unit)
        return Picture("This reason over time", words, pictures.source(figure))

    return picture_once(f"{place} over time", [found, words], made)


def _measured(window: Window, reason: Reason) -> list[float] | None:
    """Return what a window measured of a reason, and its threshold; None where it did not."""
    checks = measured(window.record) if reason.column and reason.check else None
    own = checks.checks.get(str(reason.column), {}).get(str(reason.check)) if checks else None
    like = (reason.subject, reason.stage, reason.check, reason.unit)
    same = (
        [each.number, each.threshold]
        for each in window.verdict.reasons
        if (each.subject, each.stage, each.check, each.unit) == like
    )
    return next(same, own)


def _short(value: Any) -> Any:
    """Return a value as it was kept, as text, or the number of one with decimals."""
    try:
        return float(value) if "." in str(value) else value
    except ValueError:
        return value
