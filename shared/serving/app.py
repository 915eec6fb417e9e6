"""The routes: predictions that are logged before they are answered, outcomes, health."""

import asyncio
from collections.abc import Callable
from typing import Any

# FastAPI imports it with the first route: here that happens while another process proves the model.
import pydantic.v1  # noqa: F401
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.log.database import LogUnavailable
from shared.log.prediction_log import PredictionLog
from shared.log.spool import Depth
from shared.model.bundle import Bundle
from shared.model.predictor import Predictor
from shared.schema.labels import unknown_labels
from shared.serving.api_docs import docs, openapi
from shared.serving.batching import Batcher
from shared.serving.log_writer import LogWriter
from shared.serving.observability import exposition
from shared.serving.observability.metrics import Metrics
from shared.serving.protocols import open_inference, tensors
from shared.serving.protocols.json_rows import RowReader
from shared.serving.request_rows import rows
from shared.serving.request_rows.reading import refuse_labels
from shared.serving.request_rows.reading_thread import ReadingThread
from shared.serving.request_rows.rows import AnswerForm
from shared.serving.request_rows.validation_errors import InvalidRows
from shared.serving.routes import http, methods
from shared.serving.routes.explain import PATH as EXPLAIN
from shared.serving.routes.explain import Explain
from shared.serving.routes.predict import PATH as PREDICT
from shared.serving.routes.predict import Predict
from shared.serving.routes.recommend import PATH as RECOMMEND
from shared.serving.routes.recommend import Recommend
from shared.serving.security import failures
from shared.serving.security.guard import Guard


class Application:
    """The application of one bundle; `predict` answers rows, and `recommend` slates, if any."""

    def __init__(
        self, predict: Predict, explain: Explain, recommend: Recommend | None, others: ASGIApp
    ) -> None:
        # Those of which plain requests may be answered directly.
        self.plain: dict[str, Predict | Recommend] = {PREDICT: predict}
        if recommend:
            self.plain[RECOMMEND] = recommend
        self._own: dict[str, ASGIApp] = {**self.plain, EXPLAIN: explain}
        self._others = others

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"] if scope["type"] == "http" else ""
        await self._own.get(path, self._others)(scope, receive, send)


def create_app(
    predictor: Predictor,
    log_writer: LogWriter,
    batcher: Batcher,
    form: AnswerForm,
    metrics: Metrics,
    guard: Guard,
    recommend: Recommend | None = None,
) -> Application:
    """Return the application that serves one bundle, with slates where `recommend` makes them."""
    bundle = predictor.bundle
    limits, reading = rows.row_limits(bundle), ReadingThread()
    answering = Predict(bundle.contract, batcher, form, reading, limits)
    routes = _routes(predictor, log_writer, metrics, reading, guard)
    _add_metrics(routes, metrics)
    model = bundle, answering.reader, reading, batcher, form
    routes.include_router(open_inference.router(*model, _ready(log_writer)))
    described = bundle.contract, form, limits, recommend
    openapi.complete_document(routes, *described, keys=guard.keys is not None)
    explaining = Explain(bundle, form, reading)
    return Application(answering, explaining, recommend, methods.with_methods(routes))


def _routes(
    predictor: Predictor,
    log_writer: LogWriter,
    metrics: Metrics,
    reading: ReadingThread,
    guard: Guard,
) -> FastAPI:
    bundle = predictor.bundle
    app = FastAPI(
        title=f"{bundle.manifest.name}, by Millrace",
        description=f"Bundle `{bundle.digest}`. Every answered prediction is logged beforehand.",
        version=bundle.digest[:12],
        openapi_url="/openapi.json" if guard.docs else None,
        docs_url=None,
        redoc_url=None,
    )
    if guard.docs:
        docs.add_pages(app)
    app.add_exception_handler(InvalidRows, _invalid)
    app.add_exception_handler(tensors.ProtocolError, open_inference.error_reply)
    app.add_exception_handler(LogUnavailable, _log_unavailable)
    app.add_exception_handler(Exception, failures.answer)
    _add_outcomes(app, bundle, log_writer.log, reading)
    _add_health(app, predictor, log_writer, metrics)
    return app


def _add_outcomes(app: FastAPI, bundle: Bundle, log: PredictionLog, reading: ReadingThread) -> None:
    most = rows.row_limits(bundle).json_rows
    columns = rows.outcome_columns(bundle.contract)
    reader, target = RowReader(columns, most), columns[1]

    @app.post("/outcomes")
    async def outcomes(request: Request) -> dict[str, int | dict[str, int]]:
        """Take true labels by key, before or after the prediction; a repeated one adds nothing.

        Of a key that stands in several rows the last one counts; the others are `repeated`. Labels
        of classes that the model does not know are kept, and counted by name. Keys that nobody has
        asked about are kept, and not counted here: all of the log would be read.
        """
        if http.media_type(request.scope) != http.JSON:
            raise http.other_media_type(request.scope, [http.JSON])
        given, is_list = await reading.read(await http.body(request), reader.read_json)
        refuse_labels(given, target, alone=not is_list)
        labels: dict[Any, Any] = dict(given)
        counts = await asyncio.to_thread(log.outcomes.add, labels)
        counts |= {"received": len(given), "repeated": len(given) - len(labels)}
        if not target.categories:
            return {**counts}
        return {**counts, "unknown_classes": dict(unknown_labels(labels.values(), target))}


def _add_health(
    app: FastAPI, predictor: Predictor, log_writer: LogWriter, metrics: Metrics
) -> None:
    bundle = predictor.bundle
    spooled_rows = _ready(log_writer)

    @app.get("/health/live")
    def live() -> dict[str, str]:
        """Tell that the process answers."""
        return {"status": "live"}

    @app.get("/health/ready")
    def ready(request: Request) -> dict[str, Any]:
        """Tell that predictions can be made and kept, how many wait for a log that is away, and
        whether the run history is there, by which the champion is followed.

        Its address is told to those alone who send a key.
        """
        spooled = spooled_rows().rows
        history = "here" if metrics.history_up else "away"
        away = log_writer.away
        log = http.why_away(request.scope, away) if away else "here"
        return {"status": "ready", "log": log, "spooled": spooled, "history": history}

    @app.get("/bundle")
    def served() -> dict[str, Any]:
        """Tell what is served: its digest, its origin, how it was judged, what makes its scores."""
        manifest = bundle.manifest.model_dump(exclude={"files"})
        scores = bundle.evaluation.plain()["scores"]
        judged = {"scores": scores, "evaluator": predictor.evaluator}
        return {"digest": bundle.digest, **manifest, **judged}


def _ready(log_writer: LogWriter) -> Callable[[], Depth]:
    """Return what gives the spool's depth; raises `LogUnavailable` if nothing can be kept."""

    def ready() -> Depth:
        log_writer.check_log()
        depth = log_writer.depth()
        if log_writer.away and (log_writer.spool is None or depth.rows >= log_writer.spool.most):
            raise LogUnavailable(log_writer.away)
        return depth

    return ready


def _add_metrics(app: FastAPI, metrics: Metrics) -> None:
    @app.get("/metrics", response_class=PlainTextResponse)
    def measured(request: Request) -> Response:
        """Tell Prometheus what was asked and answered, and what waits."""
        page, kind = exposition.metrics_page(metrics, request.headers.get("accept", ""))
        return Response(page, headers={"content-type": kind})


def _invalid(request: Request, error: Exception) -> JSONResponse:
    body = http.refused(request.scope, error) if isinstance(error, InvalidRows) else None
    return JSONResponse(body, status_code=422)


def _log_unavailable(request: Request, error: Exception) -> JSONResponse:
    detail = http.log_away(request.scope, error)
    return JSONResponse({"detail": detail}, status_code=503, headers={"Retry-After": "5"})
