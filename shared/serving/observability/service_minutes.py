"""The state of the service, minute by minute: what it was asked, and how it answered."""

import collections
import os
import socket
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import numpy as np

from shared.log.database import LogUnavailable
from shared.log.prediction_log import PredictionLog
from shared.log.refused_rows import RefusedRows
from shared.log_columns import ERROR_KINDS

DEPTHS = ("queue_rows", "spool_rows")
COUNTS = ("requests", "rows", "rejected", "errors", *ERROR_KINDS, *DEPTHS)
QUANTILES = {"p50_ms": 0.5, "p90_ms": 0.9, "p99_ms": 0.99, "p999_ms": 0.999, "max_ms": 1.0}
# Minutes that wait for a log that is away; a day of them.
MAX_WAITING_MINUTES = 24 * 60


class ServiceMinutes:
    """Counts requests by the minute. A minute without requests counts too: the server was there."""

    def __init__(self) -> None:
        self.server = f"{socket.gethostname()}:{os.getpid()}:{int(time.time())}"
        self._lock = threading.Lock()
        self._waiting: collections.deque[dict[str, Any]] = collections.deque(
            maxlen=MAX_WAITING_MINUTES
        )
        self._stored: dict[str, Any] | None = None
        self._begin(_this_minute())

    def add(self, status: int, milliseconds: float, rows: int = 0, kind: str | None = None) -> None:
        """Count a request by its HTTP status, the rows it predicted, and the kind of its error."""
        with self._lock:
            if time.time() >= self._until:
                self._turn()
            self._counts["requests"] += 1
            self._counts["rows"] += rows
            self._counts["rejected"] += 400 <= status < 500
            self._counts["errors"] += status >= 500
            self._latencies.append(milliseconds)
            if kind in ERROR_KINDS:
                self._counts[kind] += 1

    def add_answered(self, milliseconds: Sequence[float], rows: int) -> None:
        """Count requests that were answered well, with how many rows they predicted together."""
        with self._lock:
            if time.time() >= self._until:
                self._turn()
            self._counts["requests"] += len(milliseconds)
            self._counts["rows"] += rows
            self._latencies += milliseconds

    def add_depth(self, name: Literal["queue_rows", "spool_rows"], rows: int) -> None:
        """Take note of how many rows waited at one moment, for an answer or for the log."""
        with self._lock:
            self._turn()
            self._counts[name] = max(self._counts[name], rows)

    def add_refused(self, refused: RefusedRows) -> None:
        """Count rows that were refused, and for what."""
        with self._lock:
            self._turn()
            self._refused.add(refused.rows, refused.faults)

    def add_refused_outcomes(self, refused: RefusedRows) -> None:
        """Count outcomes that were refused, and for what."""
        with self._lock:
            self._turn()
            self._outcomes.add(refused.rows, refused.faults)

    def store(self, log: PredictionLog, *, last: bool = False) -> None:
        """Put the minutes that are over into the log, and what the present one has counted so far.

        Its latencies, which take long to order, follow with its end, or with `last`. What a log
        that is away does not take waits for the next time.
        """
        with self._lock:
            self._turn()
            over = list(self._waiting)
            present = self._summary(whole=last)
        is_news = last or (present["requests"] and present != self._stored)
        due = [*over, present] if is_news else over
        try:
            log.minutes.add(due)
        except LogUnavailable:
            return
        with self._lock:
            self._stored = present
            for minute in over:
                self._waiting.remove(minute)

    def _begin(self, minute: datetime) -> None:
        self._minute, self._until = minute, minute.timestamp() + 60
        self._counts = dict.fromkeys(COUNTS, 0)
        self._latencies: list[float] = []
        self._refused, self._outcomes = RefusedRows(), RefusedRows()

    def _turn(self) -> None:
        now = _this_minute()
        while self._minute < now:
            self._waiting.append(self._summary())
            longest = timedelta(minutes=MAX_WAITING_MINUTES)
            self._begin(max(self._minute + timedelta(minutes=1), now - longest))

    def _summary(self, *, whole: bool = True) -> dict[str, Any]:
        shares, known = list(QUANTILES.values()), whole and bool(self._latencies)
        quantiles = np.quantile(self._latencies, shares).tolist() if known else None
        return {
            "minute": self._minute,
            "server": self.server,
            **self._counts,
            **dict(zip(QUANTILES, quantiles or [None] * len(shares), strict=True)),
            "refused_rows": self._refused.rows,
            "row_faults": self._refused.text(),
            "refused_outcomes": self._outcomes.rows,
            "outcome_faults": self._outcomes.text(),
        }


def _this_minute() -> datetime:
    return datetime.now(UTC).replace(second=0, microsecond=0)
