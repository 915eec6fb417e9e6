"""What a server measures of itself: each request once, for its metrics, minutes and access log.

The application says what it knows of a request in `scope["state"]`: how many `rows` it answered,
the first one's `prediction_id`, and the `error` where the status alone does not tell its kind.
"""

import asyncio
import re
import time
from collections import Counter, defaultdict
from contextlib import nullcontext

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uuid_utils import uuid7

from shared.log.refused_rows import RefusedRows
from shared.serving.observability.access_log import AccessLog, LogFormat
from shared.serving.observability.metrics import Metrics
from shared.serving.observability.service_minutes import ServiceMinutes
from shared.serving.observability.spans import Spans, describe, trace_of_span
from shared.serving.observability.traces import TRACEPARENT, Trace, trace_of
from shared.serving.protocols import open_inference
from shared.serving.request_rows.validation_errors import unreadable_body

# Routes that the framework does not name in the scope; whatever has no name is OTHER.
PREDICT = "/predict"
NAMED = frozenset({PREDICT, "/explain", "/recommend", "/docs", "/openapi.json"})
OTHER = "other"
# What the service is there for: its minutes count nothing else.
ASKING = frozenset({PREDICT, "/recommend", *open_inference.INFER})
OUTCOMES = "/outcomes"
COUNTED = ASKING | {OUTCOMES}
# The statuses of a body that is understood by nobody.
NOT_UNDERSTOOD = (400, 422)
# A caller that went away before the answer, as nginx counts it.
GONE = 499
KINDS = {
    **dict.fromkeys((401, 403), "not_allowed"),
    **dict.fromkeys((404, 405), "unknown_route"),
    **{413: "too_large", 422: "bad_row", 429: "rate_limited", GONE: "client_gone"},
    503: "log_away",
}
REQUEST_ID = b"x-request-id"
SAFE = re.compile(rb"[A-Za-z0-9._:/=+-]{1,128}")


class Telemetry:
    """A process's minutes, metrics, access log and spans, all of the same requests."""

    def __init__(self, access_log: LogFormat = "off", spans: Spans | None = None) -> None:
        self.spans = spans
        self.minutes = ServiceMinutes()
        self.metrics = Metrics()
        self._access_log = None if access_log == "off" else AccessLog(access_log)
        # By path what was answered directly in this turn of the event loop, and is not counted yet.
        self._seconds: defaultdict[str, list[float]] = defaultdict(list)
        self._rows: Counter[str] = Counter()

    def measured(self, app: ASGIApp) -> ASGIApp:
        """Return the application with its requests measured, and given back their ids."""

        async def measuring(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            began, status, (request_id, trace) = time.perf_counter(), GONE, _request_ids(scope)
            state = scope.setdefault("state", {})
            state["request_id"] = request_id.decode()
            added = [(REQUEST_ID, request_id)]

            async def noted(message: Message) -> None:
                nonlocal status
                if message["type"] == "http.response.start":
                    status = message["status"]
                    message["headers"] = [*message.get("headers", ()), *added]
                await send(message)

            with self.spans.request(scope) if self.spans else nullcontext() as span:
                trace = trace_of_span(span) if span else trace
                if trace:
                    state["trace_id"] = trace.trace_id
                    added.append(trace.header)
                try:
                    await app(scope, receive, noted)
                except Exception:
                    status = 500
                    raise
                finally:
                    self.count(scope, status, time.perf_counter() - began)
                    if span:
                        describe(span, scope, _route(scope), status)

        return measuring

    def batch(self, waiting: int, rows: int) -> None:
        """Count how many rows waited, and how many of them are answered together."""
        self.metrics.batch_rows.observe(rows)
        self.minutes.add_depth("queue_rows", waiting)

    def close(self) -> None:
        """Write what is still to be written of the access log, and send what spans wait."""
        if self._access_log:
            self._access_log.close()
        if self.spans:
            self.spans.close()

    def begin(self, scope: Scope) -> tuple[tuple[bytes, bytes], ...]:
        """Give a request that no span is of its ids; returns the headers that tell them."""
        request_id, trace = _request_ids(scope)
        scope["state"]["request_id"] = request_id.decode()
        if trace is None:
            return ((REQUEST_ID, request_id),)
        scope["state"]["trace_id"] = trace.trace_id
        return (REQUEST_ID, request_id), trace.header

    def count(self, scope: Scope, status: int, seconds: float) -> None:
        """Count a request that was answered; its ids are in its state."""
        state, route = scope["state"], _route(scope)
        rows = state.get("rows", 0)
        kind = None if status < 400 else state.get("error") or _kind(status)
        self.metrics.request(route, status, seconds)
        if rows:
            self.metrics.rows.inc(rows)
        if kind:
            self.metrics.errors.labels(route, kind).inc()
        if route in COUNTED:
            self.minutes.add(status, 1000 * seconds, rows, kind)
        if route in COUNTED and status in NOT_UNDERSTOOD:
            refused = state.get("refused") or unreadable_body(state.get("why"))
            self._count_refused(refused, outcomes=route == OUTCOMES)
        if self._access_log:
            self._access_log.add(scope, status, 1000 * seconds)

    def _count_refused(self, refused: RefusedRows, *, outcomes: bool) -> None:
        if outcomes:
            self.metrics.outcomes_refused.inc(refused.rows)
            self.minutes.add_refused_outcomes(refused)
        else:
            self.metrics.rows_refused.inc(refused.rows)
            self.minutes.add_refused(refused)

    def count_soon(self, scope: Scope, status: int, seconds: float) -> None:
        """Count a direct request as `count` does, at the end of this turn of the event loop.

        Those that were answered well are counted together: each by itself takes as long as to read
        its row.
        """
        if status != 200 or self._access_log:
            self.count(scope, status, seconds)
            return
        if not self._seconds:
            asyncio.get_running_loop().call_soon(self._count_answered)
        path = scope["path"]
        self._seconds[path].append(seconds)
        self._rows[path] += scope["state"]["rows"]

    def _count_answered(self) -> None:
        for path, seconds in self._seconds.items():
            self.metrics.count_answered(path, seconds, self._rows[path])
            self.minutes.add_answered([1000 * each for each in seconds], self._rows[path])
        self._seconds.clear()
        self._rows.clear()


def _request_ids(scope: Scope) -> tuple[bytes, Trace | None]:
    """Return the caller's own id of a request where it is short and plain, else a new one.

    With it, where the request belongs in the caller's trace, if there is one.
    """
    request_id, trace = None, None
    for name, value in scope["headers"]:
        if name == REQUEST_ID and request_id is None and SAFE.fullmatch(value):
            request_id = bytes(value)
        elif name == TRACEPARENT:
            trace = trace_of(value)
    return request_id or uuid7().hex.encode(), trace


def _route(scope: Scope) -> str:
    path: str = scope["path"]
    return path if path in NAMED else getattr(scope.get("route"), "path", OTHER)


def _kind(status: int) -> str:
    return KINDS.get(status) or ("bad_request" if status < 500 else "internal")
