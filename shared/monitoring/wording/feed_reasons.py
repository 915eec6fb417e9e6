"""What is odd of the rows that came, and of their columns, in the order of cause and effect."""

from shared.baseline import arrivals
from shared.model.verdict import Reason
from shared.monitoring.case import Case
from shared.monitoring.findings import Findings
from shared.monitoring.input_checks.detection import Deviation
from shared.monitoring.input_checks.repeats import Repeat
from shared.monitoring.wording.column_reasons import column_reasons
from shared.monitoring.wording.deviation_reasons import deviation_reason
from shared.monitoring.wording.refused_reasons import refused_words
from shared.monitoring.wording.units import FEWER_ROWS, MORE_ROWS, SHARE_OF_ROWS, UNITS
from shared.monitoring.wording.volume_notes import rows_came_and_due
from shared.profiles.gram import HOUR
from shared.words import list_of

# Of the columns that are odd by repeated rows so many are named.
MOST_NAMED = 3
SENT_TWICE = "Check whether a feed was sent twice, or callers repeat their requests."
REPEATS = {
    "key": ("repeat a key", SENT_TWICE),
    "row": ("repeat another row", SENT_TWICE),
    "features": (
        "repeat another in all but key and time",
        "Check whether a robot asks, or a feed fills its rows with the same values.",
    ),
    "history": (
        "are rows of the model's history, with other keys or times",
        "Check whether old rows were sent again, or the same is asked about as before.",
    ),
}


def feed_reasons(case: Case, findings: Findings) -> list[Reason]:
    """Name what is wrong with the rows that came, and then with their columns.

    Where rows of one category are lost, that is why there are fewer: it is named first, as is a
    clock that is off.
    """
    arrived, columns = arrival_reasons(case, findings), column_reasons(case, findings)
    time = case.baseline.plan.time
    if columns and columns[0].column == time and time in findings.caused:
        return [columns[0], *arrived, *columns[1:]]
    if columns and "fewer" in findings.beyond(columns[0].column or ""):
        silent = [reason for reason in arrived if reason.check != "volume"]
        return silent + columns + [reason for reason in arrived if reason not in silent]
    return arrived + columns


def arrival_reasons(case: Case, findings: Findings) -> list[Reason]:
    """Name rows that came too many, too few, twice, or not at all for a time."""
    reasons = [_repeated(findings.repeated, case, findings)] if findings.repeated else []
    for deviation in findings.deviations:
        if deviation.beyond and deviation.statistic.check in arrivals.CHECKS:
            reasons.append(_arrived(deviation, case, findings))
    return reasons


def repeats_words(repeat: Repeat) -> str:
    """Say how many rows repeat what."""
    return f"{repeat.share:.1%} of the rows {REPEATS[repeat.of][0]}"


def _repeated(repeat: Repeat, case: Case, findings: Findings) -> Reason:
    time = case.baseline.plan.time
    odd = [time if name == HOUR else name for name in findings.repeats_explain]
    return Reason(
        level="watch",
        stage="feed",
        what=repeats_words(repeat),
        column={"key": case.bundle.contract.key, "row": "row"}.get(repeat.of),
        check=repeat.of if repeat.of in ("features", "history") else None,
        number=repeat.share,
        threshold=repeat.threshold,
        unit=SHARE_OF_ROWS,
        next_step=REPEATS[repeat.of][1],
        likely_cause=_explained_words(list(dict.fromkeys(odd))),
    )


def _explained_words(odd: list[str]) -> str | None:
    """Say which columns are odd with the rows that repeat alone."""
    if not odd:
        return None
    are = "are" if odd[1:] else "is"
    return f"without the rows that repeat, {list_of(odd, MOST_NAMED)} {are} as usual"


def _arrived(deviation: Deviation, case: Case, findings: Findings) -> Reason:
    step = "Check whether rows were lost, or sent elsewhere, before they were answered"
    (check, column), likely = deviation.statistic, None
    what, unit = "no rows arrived for an unusually long time", UNITS[check]
    if check == "volume":
        what, unit = "more rows arrived than expected", MORE_ROWS
        if _fewer_arrived(case):
            what, unit = "fewer rows arrived than expected", FEWER_ROWS
    if unit == MORE_ROWS:
        step = "Check whether rows were sent twice, or callers repeat their requests"
    else:
        likely = refused_words(findings.service, case.bundle.contract)
    step += ", or whether the file is a sample, or ends early." if case.scope.file else "."
    return deviation_reason("watch", "feed", what, column, deviation, unit, step, likely)


def _fewer_arrived(case: Case) -> bool:
    came, due = rows_came_and_due(case)
    return came < due
