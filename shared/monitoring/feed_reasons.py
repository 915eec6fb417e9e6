"""What is odd of the rows that came, and of their columns, in the order of cause and effect."""

from shared.model.verdict import Reason
from shared.monitoring.case import Case
from shared.monitoring.column_reasons import column_reasons
from shared.monitoring.detection import Deviation
from shared.monitoring.deviation_reasons import SHARE, UNITS, deviation_reason
from shared.monitoring.findings import REPEATED, Findings

ARRIVALS = {
    "volume": "the number of rows is not normal",
    "silence": "no rows arrived for an unusually long time",
}


def feed_reasons(case: Case, findings: Findings) -> list[Reason]:
    """Name what is wrong with the rows that came, and then with their columns.

    Where rows of one category are lost, that is why there are fewer: it is named first.
    """
    arrivals, columns = arrival_reasons(findings), column_reasons(case, findings)
    if columns and "fewer" in findings.beyond(columns[0].column or ""):
        silent = [reason for reason in arrivals if reason.unit != UNITS["volume"]]
        return silent + columns + [reason for reason in arrivals if reason not in silent]
    return arrivals + columns


def arrival_reasons(findings: Findings) -> list[Reason]:
    """Name rows that came too many, too few, twice, or not at all for a time."""
    reasons = [_repeated(*findings.repeated)] if findings.repeated else []
    for deviation in findings.deviations:
        if deviation.beyond and deviation.statistic.check in ARRIVALS:
            reasons.append(_arrived(deviation, from_file=not findings.service))
    return reasons


def _repeated(name: str, share: float) -> Reason:
    return Reason(
        level="watch",
        stage="feed",
        what=f"{share:.1%} of the rows repeat {'a key' if name != 'row' else 'another row'}",
        column=name,
        number=share,
        threshold=REPEATED,
        unit=SHARE,
        next_step="Check whether a feed was sent twice, or callers repeat their requests.",
    )


def _arrived(deviation: Deviation, from_file: bool) -> Reason:
    step = "Check whether rows were lost, or sent elsewhere, before they were answered"
    step += ", or whether the file is a sample." if from_file else "."
    check, column = deviation.statistic
    return deviation_reason("watch", "feed", ARRIVALS[check], column, deviation, step)
