"""The routes: predictions that are logged before they are answered, outcomes, health."""

import threading
import time
import uuid
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from shared.data.prediction_log import LogUnavailable, PredictionLog
from shared.errors import Refusal
from shared.packaging.bundle import Bundle
from shared.serving import rows
from shared.serving.minutes import Minutes
from shared.serving.rows import Answer

ROLE = "champion"


def create(bundle: Bundle, log: PredictionLog, minutes: Minutes) -> FastAPI:
    """Return the application that serves one bundle, its model loaded and its log made."""
    app = FastAPI(
        title=f"{bundle.manifest.name}, by Millrace",
        description=f"Bundle `{bundle.digest}`. Every answered prediction is logged beforehand.",
        version=bundle.digest[:12],
    )
    app.add_exception_handler(RequestValidationError, _mistakes)
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(LogUnavailable, _unavailable)
    log.prepare()
    _add_predict(app, bundle, log, minutes)
    _add_outcomes(app, bundle, log)
    _add_health(app, bundle, log)
    return app


def _add_predict(app: FastAPI, bundle: Bundle, log: PredictionLog, minutes: Minutes) -> None:
    body = rows.prediction_rows(bundle.contract)
    # The model brings threads of its own: two calls at once would only share the same cores.
    one_at_a_time = threading.Lock()
    bundle.probabilities(bundle.golden().head(1))

    @app.post("/predict", response_model=list[Answer] | Answer)
    def predict(asked: body) -> Any:  # type: ignore[valid-type]
        """Answer one row, or many in their order. An answer is in the log before it leaves."""
        started = time.perf_counter()
        given = rows.plain(asked)
        with one_at_a_time:
            probabilities = bundle.probabilities(given)
        spent = 1000 * (time.perf_counter() - started)
        logged = [
            _logged(row, float(p), bundle, spent)
            for row, p in zip(given, probabilities, strict=True)
        ]
        log.append(logged)
        minutes.add_rows(len(logged))
        answers = [Answer.model_validate(row) for row in logged]
        return answers if isinstance(asked, list) else answers[0]


def _logged(row: dict[str, Any], chance: float, bundle: Bundle, spent: float) -> dict[str, Any]:
    contract = bundle.contract
    return {
        "prediction_id": uuid.uuid4().hex,
        "key": row[contract.key],
        "time": row[contract.time],
        "logged_at": datetime.now(UTC),
        "bundle": bundle.digest,
        "role": ROLE,
        "prediction": chance >= bundle.manifest.threshold,
        "probability": chance,
        "latency_ms": spent,
        **{name: row[name] for name in contract.features},
    }


def _add_outcomes(app: FastAPI, bundle: Bundle, log: PredictionLog) -> None:
    body = rows.outcome_rows(bundle.contract)
    key, target = bundle.contract.key, bundle.contract.target

    @app.post("/outcomes")
    def outcomes(told: body) -> dict[str, int]:  # type: ignore[valid-type]
        """Take true labels by key, before or after the prediction; a repeated one adds nothing."""
        given = rows.plain(told)
        counts = log.add_outcomes({row[key]: row[target] for row in given})
        return {"received": len(given), **counts}


def _add_health(app: FastAPI, bundle: Bundle, log: PredictionLog) -> None:
    @app.get("/health/live")
    def live() -> dict[str, str]:
        """Tell that the process answers."""
        return {"status": "live"}

    @app.get("/health/ready")
    def ready() -> dict[str, str]:
        """Tell that predictions can be made and logged; 503 when the log is away."""
        log.prepare()
        return {"status": "ready"}

    @app.get("/bundle")
    def served() -> dict[str, Any]:
        """Tell what is served: its digest, where it comes from, and what it was judged to be."""
        manifest = bundle.manifest.model_dump(exclude={"files"})
        return {"digest": bundle.digest, **manifest, "scores": bundle.evaluation["scores"]}


def _mistakes(request: Request, error: Exception) -> JSONResponse:
    found = error.errors() if isinstance(error, RequestValidationError) else []
    return JSONResponse({"detail": [_mistake(one) for one in found]}, status_code=422)


def _mistake(error: dict[str, Any]) -> dict[str, Any]:
    """Name the row (of many), the field, what is wrong with it, and what was received."""
    where = [p for at, p in enumerate(error["loc"]) if at > 1 or p not in ("body", "one", "many")]
    in_text = error["type"] == "json_invalid"
    row = where[0] if where and isinstance(where[0], int) and not in_text else None
    names = [part for part in where if isinstance(part, str)]
    problem = error["ctx"]["error"] if in_text else error["msg"].removeprefix("Value error, ")
    return {
        "row": row,
        "field": names[0] if names else "body",
        "problem": str(problem),
        "received": None if error["type"] == "missing" else ascii(error["input"])[:100],
    }


def _refused(request: Request, refusal: Exception) -> JSONResponse:
    detail = [{"row": None, "field": "body", "problem": str(refusal), "received": None}]
    return JSONResponse({"detail": detail}, status_code=422)


def _unavailable(request: Request, error: Exception) -> JSONResponse:
    problem = f"the prediction log is away, so nothing is answered: {error}"
    return JSONResponse({"detail": problem}, status_code=503, headers={"Retry-After": "5"})
