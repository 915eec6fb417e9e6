"""Spans of requests and of batches, sent by OpenTelemetry's own exporter.

OpenTelemetry's SDK is imported where an address is named to send them to, and nowhere else.
"""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from starlette.types import Scope

from shared import __version__
from shared.errors import Refusal
from shared.serving.observability.traces import TRACEPARENT, TRACESTATE, Trace

PATH = "/v1/traces"
SEND_SECONDS = 5.0
# What is still to be sent at the end is left after so long.
LAST_SECONDS = 2.0
NOT_HERE = (
    "spans are sent by OpenTelemetry, which is not installed: "
    'pip install opentelemetry-sdk opentelemetry-exporter-otlp-proto-http, or leave out "otlp"'
)


class Spans:
    """Records what a server does, and sends it, many spans at once, from a thread of its own.

    Spans that cannot be sent are dropped. OpenTelemetry's variables (`OTEL_…`) count here as they
    do elsewhere, such as OTEL_SERVICE_NAME and OTEL_TRACES_SAMPLER. Raises `Refusal` where
    OpenTelemetry is not installed.
    """

    def __init__(self, address: str, problem: str) -> None:
        try:
            from opentelemetry import context, trace
            from opentelemetry.trace.propagation import tracecontext
        except ImportError:
            raise Refusal(NOT_HERE) from None
        self._context, self._trace = context, trace
        self._propagator = tracecontext.TraceContextTextMapPropagator()
        self._provider = _provider(address, problem)
        self._tracer = self._provider.get_tracer("millrace", __version__)

    @contextmanager
    def request(self, scope: Scope) -> Iterator[Any]:
        """Record a request while the block goes on, in its caller's trace if there is one."""
        names = {TRACEPARENT: "traceparent", TRACESTATE: "tracestate"}
        sent = {names[n]: v.decode("latin-1") for n, v in scope["headers"] if n in names}
        span = self._tracer.start_span(
            scope["method"],
            self._propagator.extract(sent, self._context.Context()),
            self._trace.SpanKind.SERVER,
        )
        token = self._context.attach(self._trace.set_span_in_context(span))
        try:
            yield span
        finally:
            self._context.detach(token)
            span.end()

    def now(self) -> Any:
        """Return the context of the request that is being answered."""
        return self._trace.get_current_span().get_span_context()

    def batch(self, began: int, rows: int, asked: Sequence[Any], *, failed: int) -> None:
        """Record a batch that has ended: when it began (ns since 1970), its rows, its requests.

        It is a part of a request that is alone in it, and linked to each of several.
        """
        recorded = [one for one in asked if one.trace_flags.sampled]
        if not recorded:
            return
        context = self._context.Context()
        if len(asked) == 1:
            alone = self._trace.NonRecordingSpan(recorded[0])
            context = self._trace.set_span_in_context(alone, context)
        span = self._tracer.start_span(
            "batch",
            context,
            links=[self._trace.Link(one) for one in recorded if len(asked) > 1],
            attributes={
                "millrace.rows": rows,
                "millrace.requests": len(asked),
                "millrace.failed": failed,
            },
            start_time=began,
        )
        span.end(time.time_ns())

    def close(self) -> None:
        """Send what waits, as far as that is quick."""
        self._provider.force_flush(int(1000 * LAST_SECONDS))


def trace_of_span(span: Any) -> Trace:
    """Return where a span belongs."""
    placed = span.get_span_context()
    return Trace(
        f"{placed.trace_id:032x}", f"{placed.span_id:016x}", bool(placed.trace_flags.sampled)
    )


def describe(span: Any, scope: Scope, route: str, status: int) -> None:
    """Say of a request's span what was asked and answered, in OpenTelemetry's own names."""
    state = scope["state"]
    span.update_name(f"{scope['method']} {route}")
    known = {
        "http.request.method": scope["method"],
        "http.route": route,
        "http.response.status_code": status,
        "millrace.request_id": state["request_id"],
        "millrace.rows": state.get("rows"),
        "millrace.prediction_id": state.get("prediction_id"),
        "error.type": state.get("error") or (str(status) if status >= 500 else None),
    }
    span.set_attributes({name: value for name, value in known.items() if value is not None})
    if status >= 500:
        from opentelemetry.trace import StatusCode

        span.set_status(StatusCode.ERROR)


def _provider(address: str, problem: str) -> Any:
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise Refusal(NOT_HERE) from None
    name = os.environ.get("OTEL_SERVICE_NAME") or problem
    resource = Resource.create({"service.name": name, "service.version": __version__})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    endpoint = address if address.endswith(PATH) else address.rstrip("/") + PATH
    exporter = OTLPSpanExporter(endpoint=endpoint, timeout=SEND_SECONDS)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider
