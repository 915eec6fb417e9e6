"""Outcomes that the server refused: they are in no log, and their rows lack one."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.log.opening import opened_log
from shared.log.refused_rows import Place, RowFault, frequent_faults
from shared.monitoring.case import Case


@dataclass(frozen=True)
class RefusedOutcomes:
    """How many outcomes were refused from `since` on; one sent twice counts twice.

    `faults` are what was wrong in how many of them, the most frequent first.
    """

    rows: int
    since: datetime
    faults: tuple[tuple[Place, RowFault], ...] = ()


def read(case: Case) -> RefusedOutcomes | None:
    """Read what was refused while the outcomes of a log's window came; None where nothing was.

    That is from the window's first answer until a window after its last one's is due: whose an
    outcome is that could not be read nobody knows.
    """
    answered = case.window.answered
    if case.scope.file or answered is None:
        return None
    monitor = case.monitor
    last = answered[1] + timedelta(days=monitor.outcome_delay_days + monitor.window_days)
    with opened_log(case.settings.name, case.bundle.contract) as log:
        minutes = log.minutes.between(answered[0], min(last, case.scope.read_at))
    rows = int(minutes["refused_outcomes"].sum())
    if not rows:
        return None
    return RefusedOutcomes(rows, answered[0], frequent_faults(minutes["outcome_faults"].dropna()))
