"""The routes: predictions that are logged before they are answered, outcomes, health."""

from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

from shared.data.contract import Contract
from shared.data.prediction_log import LogUnavailable, PredictionLog
from shared.errors import Refusal
from shared.packaging.bundle import Bundle
from shared.serving import rows
from shared.serving.batching import Batcher, Overloaded
from shared.serving.minutes import Minutes
from shared.serving.predictor import Predictor
from shared.serving.rows import Answer

NOT_JSON = "the content-type must be application/json"


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
    app.add_exception_handler(Overloaded, _overloaded)
    log.prepare()
    _add_predict(app, Predictor(bundle, log), minutes, bundle.contract)
    _add_outcomes(app, bundle, log)
    _add_health(app, bundle, log)
    return app


def _add_predict(app: FastAPI, predictor: Predictor, minutes: Minutes, contract: Contract) -> None:
    body: TypeAdapter[Any] = TypeAdapter(rows.prediction_rows(contract))
    batcher = Batcher(predictor.answer)

    # The body is read here and not by FastAPI, which takes as long for a row as the model does.
    @app.post("/predict", response_model=list[Answer] | Answer, openapi_extra=_takes(app, body))
    async def predict(request: Request) -> Response:
        """Answer one row, or many in their order. An answer is in the log before it leaves."""
        asked = _read(body, request.headers.get("content-type", ""), await request.body())
        answers = await batcher.ask(rows.plain(asked))
        minutes.add_rows(len(answers))
        given = answers if isinstance(asked, list) else answers[0]
        return Response(to_json(given), media_type="application/json")


def _takes(app: FastAPI, body: "TypeAdapter[Any]") -> dict[str, Any]:
    """Describe a body that a route reads by itself, in the application's OpenAPI document."""
    schema = body.json_schema(ref_template="#/components/schemas/{model}")
    definitions, describe = schema.pop("$defs"), app.openapi

    def described() -> dict[str, Any]:
        document = describe()
        document["components"]["schemas"].update(definitions)
        return document

    app.openapi = described  # type: ignore[method-assign]
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _read(body: "TypeAdapter[Any]", kind: str, content: bytes) -> Any:
    # A page of another site may make a browser send a text, but not JSON.
    if kind.partition(";")[0].strip().lower() != "application/json":
        wrong = {"type": "content_type", "loc": ("body",), "msg": NOT_JSON, "input": kind}
        raise RequestValidationError([wrong])
    try:
        return body.validate_json(content)
    except ValidationError as error:
        found = error.errors(include_url=False)
        told = [{**one, "loc": ("body", *one["loc"])} for one in found]
        raise RequestValidationError(told) from None


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


def _overloaded(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, status_code=503, headers={"Retry-After": "1"})
