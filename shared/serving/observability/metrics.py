"""What is counted for Prometheus: requests, rows, batches, the log, and what waits."""

import time
from bisect import bisect_left
from collections import Counter as Tally
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Literal

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    values,
)

from shared.log.spool import Depth
from shared.log_columns import ERROR_KINDS
from shared.model.bundle import Bundle

STARTED = "millrace_worker_start_time_seconds"
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
ROWS = tuple(1 << power for power in range(13))
# Series that are there from the start: a rate needs a zero to rise from.
STATUSES = (200, 422, 503)
RESULTS = ("scored", "dropped", "failed")
PLACES = ("database", "spool")
# What a gauge is where several processes have it: each process's, one of theirs, or all together.
Together = Literal["liveall", "livemax", "livemin", "livemostrecent", "livesum"]

disable_created_metrics()


class BulkHistogram(Histogram):
    """A histogram that takes many values at once."""

    def observe_all(self, amounts: Sequence[float]) -> None:
        """Observe each of these."""
        self._sum.inc(sum(amounts))
        places = Tally(bisect_left(self._upper_bounds, amount) for amount in amounts)
        for at, count in places.items():
            self._buckets[at].inc(count)


class Metrics:
    """The metrics of one process. A public attribute is for whoever has something to count."""

    def __init__(self) -> None:
        # The library chose when it was imported, which was before there was a folder.
        values.ValueClass = values.get_value_class()
        self.registry = CollectorRegistry()
        self._common: dict[str, Any] = {"namespace": "millrace", "registry": self.registry}
        self._children: dict[tuple[str, int], tuple[Counter, BulkHistogram]] = {}
        self._writing: dict[object, float] = {}
        self._served: set[tuple[str, ...]] = set()
        self._count_traffic()
        self._count_log()
        self._measure_depths()
        self._begin()

    def _count_traffic(self) -> None:
        self._requests = self._counter("requests", "Requests answered.", "route", "status")
        text = "From a request to its answer."
        self._latency = self._histogram("request_duration_seconds", text, SECONDS, "route")
        text = "Requests that were not answered as asked."
        self.errors = self._counter("errors", text, "route", "kind")
        self.rows = self._counter("rows_predicted", "Rows answered with a prediction.")
        text = "Rows of requests that were refused for what is wrong with them."
        self.rows_refused = self._counter("rows_refused", text)
        text = "Outcomes of requests that were refused for what is wrong with them."
        self.outcomes_refused = self._counter("outcomes_refused", text)
        self.batch_rows = self._histogram("batch_rows", "Rows that were answered together.", ROWS)
        text = "Times that a new champion or challenger did not verify, and was not served."
        self.bundles_refused = self._counter("bundles_refused", text)
        text = "Rows for a challenger in shadow, by what became of them."
        self._shadow_rows = self._counter("shadow_rows", text, "result")

    def _count_log(self) -> None:
        text = "Rows made durable, in the log's database or in the spool."
        self._log_rows = self._counter("log_rows", text, "role", "place")
        text = "How long a batch took to be durable."
        self._log_seconds = self._histogram("log_write_duration_seconds", text, SECONDS, "place")

    def _measure_depths(self) -> None:
        self._queue = self._gauge("queue_rows", "Rows that wait for an answer.", "livesum")
        text = "Rows that wait on disk for the log's database."
        self._spooled = self._gauge("spool_rows", text, "livemostrecent")
        text = "Rows that the spool has room for."
        self._spool_most = self._gauge("spool_limit_rows", text, "livemostrecent")
        self._log_up = self._gauge("log_up", "1 while the log is written, else 0.", "livemin")
        text = "1 while the run history is read, by which the champion is followed, else 0."
        self._history_up = self._gauge("history_up", text, "livemin")
        text = "How long the oldest row has waited that is not in the database yet; 0 for none."
        self._lag = self._gauge("log_lag_seconds", text, "livemax")
        text = "1 for a bundle that is served, 0 for one that was."
        self._bundle = self._gauge("bundle_info", text, "livemax", "digest", "name", "role")
        name, text = STARTED.removeprefix("millrace_"), "When a process began to serve."
        self._started = self._gauge(name, text, "liveall")

    def _begin(self) -> None:
        self._started.set_to_current_time()
        self._log_up.set(1)
        self.read_history(up=True)
        for status in STATUSES:
            self._bound("/predict", status)
        for kind in ERROR_KINDS:
            self.errors.labels("/predict", kind)
        for result in RESULTS:
            self._shadow_rows.labels(result)
        for place in PLACES:
            self._log_seconds.labels(place)

    def request(self, route: str, status: int, seconds: float) -> None:
        """Count a request; `route` is one of few, never what a caller made up."""
        requests, latency = self._children.get((route, status)) or self._bound(route, status)
        requests.inc()
        latency.observe(seconds)

    def count_answered(self, route: str, seconds: Sequence[float], rows: int) -> None:
        """Count requests that were answered well, with how many rows they predicted together."""
        requests, latency = self._children.get((route, 200)) or self._bound(route, 200)
        requests.inc(len(seconds))
        latency.observe_all(seconds)
        self.rows.inc(rows)

    def shadow(self, result: str, rows: int) -> None:
        """Count rows for a challenger in shadow that were scored, dropped or failed."""
        self._shadow_rows.labels(result).inc(rows)

    @contextmanager
    def writing(self, place: Literal["database", "spool"], roles: Sequence[str]) -> Iterator[None]:
        """Time the block that makes rows of these roles durable; one that fails counts none."""
        this = object()
        began = self._writing[this] = time.monotonic()
        try:
            yield
        finally:
            del self._writing[this]
        self._log_seconds.labels(place).observe(time.monotonic() - began)
        for role, count in Tally(roles).items():
            self._log_rows.labels(role, place).inc(count)

    def serve(self, roles: Mapping[str, Bundle]) -> None:
        """Tell which bundles are served from now on, by their roles."""
        now = {(bundle.digest, bundle.manifest.name, role) for role, bundle in roles.items()}
        for labels in self._served | now:
            self._bundle.labels(*labels).set(labels in now)
        self._served |= now

    def read_history(self, *, up: bool) -> None:
        """Tell whether the run history could be read just now; `history_up` remembers it."""
        self.history_up = up
        self._history_up.set(up)

    def wait(self, queued: int, spooled: Depth, spool_most: int, *, log_up: bool) -> None:
        """Tell how many rows wait at this moment, for an answer and for the log."""
        self._queue.set(queued)
        self._spooled.set(spooled.rows)
        self._spool_most.set(spool_most)
        self._log_up.set(log_up)
        waited = [time.monotonic() - began for began in list(self._writing.values())]
        if spooled.since:
            waited.append((datetime.now(UTC) - spooled.since).total_seconds())
        self._lag.set(max(waited, default=0.0))

    def _bound(self, route: str, status: int) -> tuple[Counter, BulkHistogram]:
        bound = self._requests.labels(route, str(status)), self._latency.labels(route)
        self._children[route, status] = bound
        return bound

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(name, text, labels, **self._common)

    def _histogram(
        self, name: str, text: str, buckets: Sequence[float], *labels: str
    ) -> BulkHistogram:
        return BulkHistogram(name, text, labels, buckets=buckets, **self._common)

    def _gauge(self, name: str, text: str, together: Together, *labels: str) -> Gauge:
        return Gauge(name, text, labels, multiprocess_mode=together, **self._common)
