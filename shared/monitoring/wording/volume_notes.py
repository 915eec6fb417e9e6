"""Notes on how many rows a file has: what was expected in its time, where that is not judged."""

import numpy as np

from shared.baseline import arrivals
from shared.monitoring.case import Case
from shared.monitoring.findings import Findings
from shared.monitoring.input_checks.detection import SAMPLE
from shared.schema.arrow import HOUR_SECONDS
from shared.words import number_of

# With a larger share of the rows that are expected nothing is said.
NEARLY_ALL = 0.75


def rows_came_and_due(case: Case) -> tuple[float, float]:
    """Return how many rows came in a window's hours, and are expected there; 0 where unknown."""
    if case.due_span is None:
        return 0.0, 0.0
    start, until = case.due_span
    due, first = case.baseline.expected_rows(start, until), int(start // HOUR_SECONDS)
    came = np.array([case.profile.arrived.get(first + at, 0) for at in range(len(due))])
    came, due = arrivals.only_known(came, due)
    return float(came.sum()), float(due.sum())


def volume_notes(case: Case, findings: Findings) -> list[str]:
    """Say that a file has far fewer rows than are expected, where that is no reason for alarm."""
    alarms = any(d.beyond and d.statistic.check == "volume" for d in findings.deviations)
    if not case.scope.file or findings.state not in ("judged", "too few rows") or alarms:
        return []
    came, due = rows_came_and_due(case)
    if not 0 < came < NEARLY_ALL * due:
        return []
    has = f"The file has {number_of(int(came), 'row')} where about {due:,.0f} are expected"
    if came < SAMPLE * due or findings.state != "judged":
        return [f"{has}: it may be a sample, so how many rows came is not judged."]
    return [f"{has}: as few have come in ordinary spans, or may by chance."]
