"""How the service did while it answered a window: load, failures, latency, silence."""

from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from shared.log.opening import opened_log
from shared.log.refused_rows import Place, RowFault, frequent_faults
from shared.log_columns import ERROR_KINDS
from shared.monitoring.case import Case


@dataclass(frozen=True)
class Service:
    """A service's minutes, added up over its processes.

    `rejected` requests were the caller's fault (4xx), `errors` the service's (5xx). `p50_ms` is the
    median minute's and `p99_ms` the worst one's, None when no minute had a request. In a silent
    minute no process reported. `kinds` are requests by the kinds of error that the log keeps, and
    `queue_rows` the most rows that waited for one process at once, `spool_rows` those on disk for a
    log that was away; empty where no minute has them. `refused_rows` are those of requests that
    were refused, and `row_faults` what was wrong in how many of them, the most frequent first.
    """

    minutes: int
    requests: int
    rows: int
    rejected: int
    errors: int
    p50_ms: float | None
    p99_ms: float | None
    silent_minutes: int
    kinds: tuple[tuple[str, int], ...] = ()
    queue_rows: int | None = None
    spool_rows: int | None = None
    refused_rows: int | None = None
    row_faults: tuple[tuple[Place, RowFault], ...] = ()

    @property
    def refused_share(self) -> float:
        """The rows that were refused as a share of all that were asked about."""
        refused = self.refused_rows or 0
        return refused / (refused + self.rows) if refused else 0.0

    def share(self, count: int) -> float:
        """Return a count of requests as a share of all."""
        return count / self.requests if self.requests else 0.0


def read(case: Case) -> Service | None:
    """Read how the service did while it answered a window of the log; None for a file's.

    That is until the next answer, of another window, where it refused or failed all that came
    since; and of a window without rows it is the time of it.
    """
    if case.scope.file:
        return None
    scope, answered = case.scope, case.window.answered
    with opened_log(case.settings.name, case.bundle.contract) as log:
        if answered is None:
            start, until = scope.start or scope.read_at, scope.until or scope.read_at
            return add_up(log.minutes.between(start, until))
        return add_up(log.minutes.between(answered[0], _end(case, answered[1])), answered[1])


def _end(case: Case, answered: datetime) -> datetime:
    """Return until when refusals after the last answer are the window's."""
    scope = case.scope
    if scope.until is None or scope.newest is None or scope.newest < scope.until:
        return scope.read_at
    return max(answered, min(scope.until, scope.read_at))


def add_up(minutes: pd.DataFrame, answered: datetime | None = None) -> Service:
    """Add up service minutes: a row per minute and process, as the prediction log keeps them.

    Of those after the last one `answered` a row, up to the next that did, what failed counts.
    """
    at = minutes["minute"].drop_duplicates()
    if answered is not None:
        at = at[at <= answered]
        minutes = minutes[(minutes["minute"] <= answered) | _failed_since(minutes, answered)]
    span = int((at.max() - at.min()) / pd.Timedelta(minutes=1)) + 1 if len(at) else 0
    typical, worst = minutes["p50_ms"].dropna(), minutes["p99_ms"].dropna()
    return Service(
        minutes=len(at),
        **{name: int(minutes[name].sum()) for name in ("requests", "rows", "rejected", "errors")},
        p50_ms=float(typical.median()) if len(typical) else None,
        p99_ms=float(worst.max()) if len(worst) else None,
        silent_minutes=span - len(at),
        kinds=tuple(
            (name, int(minutes[name].sum())) for name in ERROR_KINDS if _has(minutes, name)
        ),
        queue_rows=_most(minutes, "queue_rows"),
        spool_rows=_most(minutes, "spool_rows"),
        refused_rows=int(minutes["refused_rows"].sum()) if _has(minutes, "refused_rows") else None,
        row_faults=_row_faults(minutes),
    )


def _failed_since(minutes: pd.DataFrame, answered: datetime) -> "pd.Series[bool]":
    since = minutes["minute"] > answered
    following = minutes.loc[since & (minutes["rows"] > 0), "minute"].min()
    if not pd.isna(following):
        since &= minutes["minute"] < following
    return since & (minutes["rejected"] + minutes["errors"] > 0)


def _row_faults(minutes: pd.DataFrame) -> tuple[tuple[Place, RowFault], ...]:
    return frequent_faults(minutes["row_faults"].dropna() if "row_faults" in minutes else ())


def _most(minutes: pd.DataFrame, name: str) -> int | None:
    return int(minutes[name].max()) if _has(minutes, name) else None


def _has(minutes: pd.DataFrame, name: str) -> bool:
    # Minutes from before it was counted have it empty.
    return name in minutes and bool(minutes[name].notna().any())
