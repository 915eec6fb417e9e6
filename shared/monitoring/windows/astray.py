"""Rows that were answered with a log's window, but whose times are far from it."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.log.opening import opened_log
from shared.monitoring.case import Case
from shared.monitoring.windows.strays import FEW

# Of more rows than these the note says no more.
MOST_ROWS = 1_000


@dataclass(frozen=True)
class Astray:
    """The times of rows far `before` a window and far `after` it, in order."""

    before: tuple[datetime, ...] = ()
    after: tuple[datetime, ...] = ()


def read(case: Case) -> Astray:
    """Find the few rows far from a log's window that were answered with it; a file has none."""
    scope, answered = case.scope, case.window.answered
    if scope.file or not scope.start or not scope.until:
        return Astray()
    times: list[datetime] = []
    early: list[datetime] = []
    if answered:
        gap = timedelta(days=case.monitor.window_days)
        with opened_log(case.settings.name, case.bundle.contract) as log:
            ends = scope.start - gap, scope.until + gap
            times = log.predictions.answered_outside(answered, ends, MOST_ROWS)
        early = [time for time, logged_at in scope.early if logged_at >= answered[0]]
    if len(times) > max(1, FEW * case.profile.size):
        # So many are answered for another time on purpose, such as rows of long ago.
        times = []
    known = sorted((Counter(times) | Counter([*early, *scope.late])).elements())
    return Astray(
        before=tuple(time for time in known if time < scope.start),
        after=tuple(time for time in known if time >= scope.until),
    )
