"""How the service did while it answered a window: load, failures, latency, silence."""

from dataclasses import dataclass

import pandas as pd

from shared.log.log_tables import KINDS
from shared.log.prediction_log import opened_log
from shared.monitoring.case import Case


@dataclass(frozen=True)
class Service:
    """A service's minutes, added up over its processes.

    `rejected` requests were the caller's fault (4xx), `errors` the service's (5xx). `p50_ms` is the
    median minute's and `p99_ms` the worst one's, None when no minute had a request. In a silent
    minute no process reported. `kinds` are requests by the kinds of error that the log keeps, and
    `queue_rows` the most rows that waited for one process at once, `spool_rows` those on disk for a
    log that was away; empty where no minute has them.
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

    def share(self, count: int) -> float:
        """Return a count of requests as a share of all."""
        return count / self.requests if self.requests else 0.0


def read(case: Case) -> Service | None:
    """Read how the service did while it answered a window of the log; None for a file's."""
    if case.scope.file:
        return None
    now = case.scope.read_at
    with opened_log(case.settings.name, case.bundle.contract) as log:
        return add_up(log.minutes.between(*(case.window.answered or (now, now))))


def add_up(minutes: pd.DataFrame) -> Service:
    """Add up service minutes: a row per minute and process, as the prediction log keeps them."""
    at = minutes["minute"].drop_duplicates()
    span = int((at.max() - at.min()) / pd.Timedelta(minutes=1)) + 1 if len(at) else 0
    typical, worst = minutes["p50_ms"].dropna(), minutes["p99_ms"].dropna()
    return Service(
        minutes=len(at),
        **{name: int(minutes[name].sum()) for name in ("requests", "rows", "rejected", "errors")},
        p50_ms=float(typical.median()) if len(typical) else None,
        p99_ms=float(worst.max()) if len(worst) else None,
        silent_minutes=span - len(at),
        kinds=tuple((name, int(minutes[name].sum())) for name in KINDS if _has(minutes, name)),
        queue_rows=_most(minutes, "queue_rows"),
        spool_rows=_most(minutes, "spool_rows"),
    )


def _most(minutes: pd.DataFrame, name: str) -> int | None:
    return int(minutes[name].max()) if _has(minutes, name) else None


def _has(minutes: pd.DataFrame, name: str) -> bool:
    # Minutes from before it was counted have it empty.
    return name in minutes and bool(minutes[name].notna().any())
