"""The routes: predictions that are logged before they are answered, outcomes, health."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.log.database import LogUnavailable
from shared.log.prediction_log import PredictionLog
from shared.log.spool import Depth
from shared.model.bundle import Bundle
from shared.serving import docs, exposition, http, openapi, predict, rows, validation_errors
from shared.serving.batching import Batcher
from shared.serving.log_writer import Keeper
from shared.serving.metrics import Metrics
from shared.serving.predict import Predict
from shared.serving.protocols import open_inference, tensors
from shared.serving.security import failures
from shared.serving.security.guard import Guard


def create(
    bundle: Bundle, keeper: Keeper, batcher: Batcher, metrics: Metrics, guard: Guard
) -> ASGIApp:
    """Return the application that serves one bundle."""
    answering = Predict(bundle.contract, batcher)
    others = _others(bundle, keeper, guard)
    _add_metrics(others, metrics)
    others.include_router(open_inference.routes(bundle, answering.reader, batcher, _ready(keeper)))
    openapi.complete(others, answering.reader.kind, keys=guard.keys is not None)

    async def routed(scope: Scope, receive: Receive, send: Send) -> None:
        is_predict = scope["type"] == "http" and scope["path"] == predict.PATH
        await (answering if is_predict else others)(scope, receive, send)

    return routed


def _others(bundle: Bundle, keeper: Keeper, guard: Guard) -> FastAPI:
    app = FastAPI(
        title=f"{bundle.manifest.name}, by Millrace",
        description=f"Bundle `{bundle.digest}`. Every answered prediction is logged beforehand.",
        version=bundle.digest[:12],
        openapi_url="/openapi.json" if guard.docs else None,
        docs_url=None,
        redoc_url=None,
    )
    if guard.docs:
        docs.add(app)
    app.add_exception_handler(RequestValidationError, _mistaken)
    app.add_exception_handler(400, _unreadable)
    app.add_exception_handler(tensors.Refused, open_inference.refused)
    app.add_exception_handler(LogUnavailable, _unavailable)
    app.add_exception_handler(Exception, failures.answer)
    _add_outcomes(app, bundle, keeper.log)
    _add_health(app, bundle, keeper)
    return app


def _add_outcomes(app: FastAPI, bundle: Bundle, log: PredictionLog) -> None:
    body = rows.outcome_rows(bundle.contract)
    key, target = bundle.contract.key, bundle.contract.target

    @app.post("/outcomes")
    def outcomes(told: body) -> dict[str, int]:  # type: ignore[valid-type]
        """Take true labels by key, before or after the prediction; a repeated one adds nothing."""
        given = rows.listed(told)
        counts = log.add_outcomes({row[key]: row[target] for row in given})
        return {"received": len(given), **counts}


def _add_health(app: FastAPI, bundle: Bundle, keeper: Keeper) -> None:
    can_keep = _ready(keeper)

    @app.get("/health/live")
    def live() -> dict[str, str]:
        """Tell that the process answers."""
        return {"status": "live"}

    @app.get("/health/ready")
    def ready() -> dict[str, Any]:
        """Tell that predictions can be made and kept, and how many wait for a log that is away."""
        return {"status": "ready", "log": keeper.away or "here", "spooled": can_keep().rows}

    @app.get("/bundle")
    def served() -> dict[str, Any]:
        """Tell what is served: its digest, where it comes from, and what it was judged to be."""
        manifest = bundle.manifest.model_dump(exclude={"files"})
        return {"digest": bundle.digest, **manifest, "scores": bundle.evaluation["scores"]}


def _ready(keeper: Keeper) -> Callable[[], Depth]:
    """Return what tells how much is spooled, and raises `LogUnavailable` where nothing is kept."""

    def ready() -> Depth:
        keeper.look()
        depth = keeper.depth()
        if keeper.away and (keeper.spool is None or depth.rows >= keeper.spool.most):
            raise LogUnavailable(keeper.away)
        return depth

    return ready


def _add_metrics(app: FastAPI, metrics: Metrics) -> None:
    @app.get("/metrics", response_class=PlainTextResponse)
    def measured(request: Request) -> Response:
        """Tell Prometheus what was asked and answered, and what waits."""
        told, kind = exposition.page(metrics, request.headers.get("accept", ""))
        return Response(told, headers={"content-type": kind})


def _mistaken(request: Request, error: Exception) -> JSONResponse:
    found = error.errors() if isinstance(error, RequestValidationError) else []
    return JSONResponse(validation_errors.told(found), status_code=422)


def _unreadable(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse(validation_errors.of_body("the body is not JSON in UTF-8"), status_code=422)


def _unavailable(request: Request, error: Exception) -> JSONResponse:
    detail = f"{http.AWAY}: {error}"
    return JSONResponse({"detail": detail}, status_code=503, headers={"Retry-After": "5"})
