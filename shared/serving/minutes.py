"""The state of the service, minute by minute: what it was asked, and how it answered."""

import collections
import os
import socket
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.data.database import LogUnavailable
from shared.data.prediction_log import PredictionLog

COUNTED = ("/predict", "/outcomes")
# Minutes that wait for a log that is away; a day of them.
MOST_WAITING = 24 * 60


class Minutes:
    """Counts requests by the minute. A minute without requests counts too: the server was there."""

    def __init__(self) -> None:
        self.server = f"{socket.gethostname()}:{os.getpid()}:{int(time.time())}"
        self._lock = threading.Lock()
        self._waiting: collections.deque[dict[str, Any]] = collections.deque(maxlen=MOST_WAITING)
        self._begin(_this_minute())

    def add(self, status: int, milliseconds: float) -> None:
        """Count a request that was answered with an HTTP status."""
        with self._lock:
            self._turn()
            self._counts["requests"] += 1
            self._counts["rejected"] += 400 <= status < 500
            self._counts["errors"] += status >= 500
            self._latencies.append(milliseconds)

    def add_rows(self, rows: int) -> None:
        """Count rows that were predicted."""
        with self._lock:
            self._turn()
            self._counts["rows"] += rows

    def store(self, log: PredictionLog, *, last: bool = False) -> None:
        """Put the minutes that are over into the log; with `last`, the present one as well.

        What a log that is away does not take waits for the next time.
        """
        with self._lock:
            self._turn()
            if last:
                self._waiting.append(self._summary())
            due = list(self._waiting)
        try:
            log.add_minutes(due)
        except LogUnavailable:
            return
        with self._lock:
            for minute in due:
                self._waiting.remove(minute)

    def _begin(self, minute: datetime) -> None:
        self._minute = minute
        self._counts = {"requests": 0, "rows": 0, "rejected": 0, "errors": 0}
        self._latencies: list[float] = []

    def _turn(self) -> None:
        now = _this_minute()
        while self._minute < now:
            self._waiting.append(self._summary())
            self._begin(max(self._minute + timedelta(minutes=1), now - _A_DAY))

    def _summary(self) -> dict[str, Any]:
        half, most = np.quantile(self._latencies, [0.5, 0.99]) if self._latencies else (None, None)
        return {
            "minute": self._minute,
            "server": self.server,
            **self._counts,
            "p50_ms": None if half is None else float(half),
            "p99_ms": None if most is None else float(most),
        }


def counted(app: ASGIApp, minutes: Minutes) -> ASGIApp:
    """Return the application with its requests for predictions and outcomes counted."""

    async def counting(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] not in COUNTED:
            await app(scope, receive, send)
            return
        started, status = time.perf_counter(), 500

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await app(scope, receive, noted)
        finally:
            minutes.add(status, 1000 * (time.perf_counter() - started))

    return counting


def _this_minute() -> datetime:
    return datetime.now(UTC).replace(second=0, microsecond=0)


_A_DAY = timedelta(minutes=MOST_WAITING)
