"""The Open Inference Protocol, version 2: the same model, asked column by column.

https://kserve.github.io/website/docs/concepts/architecture/data-plane/v2-protocol. An input is a
column of the contract, key and time among them; binary tensors, an extension, are not taken.
"""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

import shared
from shared.log.database import LogUnavailable
from shared.model.bundle import Bundle
from shared.serving.batching import Batcher
from shared.serving.protocols.inference_reading import read_inference
from shared.serving.protocols.json_rows import RowReader
from shared.serving.protocols.tensors import (
    DATATYPES,
    Inference,
    ProtocolError,
    outputs,
    schema_place,
)
from shared.serving.request_rows.reading_thread import ReadingThread
from shared.serving.request_rows.rows import AnswerForm, Values
from shared.serving.request_rows.validation_errors import InvalidRows, shown
from shared.serving.routes import http

PREFIX = "/v2"
MODEL, VERSION = "/models/{name}", "/models/{name}/versions/{version}"
INFER = tuple(f"{PREFIX}{place}/infer" for place in (MODEL, VERSION))
BINARY = "inference-header-content-length"
FROM_BROWSER = "sec-fetch-site"
Ready = Callable[[], object]
ERROR_RESPONSES: dict[int | str, dict[str, Any]] = {
    400: {"description": "What is wrong, in `error`"},
    404: {"description": "No such model, in `error`"},
    503: {"description": "Nothing is answered: the log is away, or too much waits"},
}


def error_reply(request: Request, error: Exception) -> JSONResponse:
    """Return the protocol's body for a refusal."""
    status, again = (error.status, error.again) if isinstance(error, ProtocolError) else (400, None)
    headers = {"Retry-After": str(again)} if again else None
    # An input's name can have half a character, which no body can.
    words = str(error).encode(errors="backslashreplace").decode()
    return JSONResponse({"error": words}, status_code=status, headers=headers)


def _refusal(field: str, row: int | None, problem: str, received: str | None) -> ProtocolError:
    where = field if row is None else f"{field}, row {row}"
    was = "" if received is None else f" (received {received})"
    return ProtocolError(400, f"{where}: {problem}{was}")


def router(
    bundle: Bundle,
    reader: RowReader,
    reading: ReadingThread,
    batcher: Batcher,
    form: AnswerForm,
    ready: Ready,
) -> APIRouter:
    """Return the protocol's routes; `reader` checks rows, `ready` raises where none can be kept."""
    api = APIRouter(prefix=PREFIX, tags=["Open Inference Protocol"])
    model = _Model(bundle, reader, reading, batcher, form)

    @api.get("")
    def server() -> dict[str, Any]:
        return {"name": "millrace", "version": shared.__version__, "extensions": []}

    @api.get("/health/live")
    def live() -> dict[str, bool]:
        return {"live": True}

    @api.get("/health/ready")
    def is_ready(request: Request) -> dict[str, bool]:
        try:
            ready()
        except LogUnavailable as error:
            raise ProtocolError(503, http.log_away(request.scope, error), again=5) from None
        return {"ready": True}

    _add_model(api, model)
    _add_inference(api, model)
    return api


def _add_model(router: APIRouter, model: "_Model") -> None:
    @router.get(MODEL, responses=ERROR_RESPONSES)
    def metadata(name: str) -> dict[str, Any]:
        return model.metadata(name)

    @router.get(VERSION, responses=ERROR_RESPONSES)
    def metadata_of_version(name: str, version: str) -> dict[str, Any]:
        return model.metadata(name, version)

    @router.get(f"{MODEL}/ready", responses=ERROR_RESPONSES)
    def ready(name: str) -> dict[str, Any]:
        return model.ready(name)

    @router.get(f"{VERSION}/ready", responses=ERROR_RESPONSES)
    def ready_of_version(name: str, version: str) -> dict[str, Any]:
        return model.ready(name, version)


def _add_inference(router: APIRouter, model: "_Model") -> None:
    schema = schema_place("Inference")
    body = {"required": True, "content": {"application/json": {"schema": schema}}}

    @router.post(f"{MODEL}/infer", responses=ERROR_RESPONSES, openapi_extra={"requestBody": body})
    async def infer(request: Request, name: str) -> dict[str, Any]:
        """Answer the rows that the inputs' values make; an answer is in the log beforehand."""
        return await model.infer(request, name)

    @router.post(f"{VERSION}/infer", responses=ERROR_RESPONSES, openapi_extra={"requestBody": body})
    async def infer_by_version(request: Request, name: str, version: str) -> dict[str, Any]:
        """Answer, if it is this version that is served."""
        return await model.infer(request, name, version)


async def _content(request: Request) -> bytes:
    headers = request.headers
    if BINARY in headers:
        raise ProtocolError(400, "binary tensors are not taken: send the data as JSON")
    # The protocol's clients do not name the type; a page of another site must not do without.
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in ("", "application/json") or (not kind and FROM_BROWSER in headers):
        raise ProtocolError(400, f"the content-type must be application/json (received {kind!a})")
    return await http.body(request)


class _Model:
    """The one model that is served, under the problem's name and the digest's first digits."""

    def __init__(
        self,
        bundle: Bundle,
        reader: RowReader,
        reading: ReadingThread,
        batcher: Batcher,
        form: AnswerForm,
    ) -> None:
        self._bundle = bundle
        self._reader = reader
        self._reading = reading
        self._batcher = batcher
        self._name = bundle.manifest.name
        self._version = bundle.digest[:12]
        self._outputs = outputs(form.columns)
        self._datatypes = {column.name: DATATYPES[column.type] for column in reader.columns}

    def metadata(self, name: str, version: str | None = None) -> dict[str, Any]:
        self._refuse_other(name, version)
        return {
            "name": self._name,
            "versions": [self._version],
            "platform": "millrace_sklearn",
            "inputs": [_tensor_form(column, kind) for column, kind in self._datatypes.items()],
            "outputs": [_tensor_form(output, kind) for output, kind in self._outputs.items()],
        }

    def ready(self, name: str, version: str | None = None) -> dict[str, Any]:
        self._refuse_other(name, version)
        return {"name": self._name, "ready": True}

    async def infer(
        self, request: Request, name: str, version: str | None = None
    ) -> dict[str, Any]:
        self._refuse_other(name, version)
        content = await _content(request)
        try:
            asked, wanted, rows = await self._reading.read(content, self._read)
            answers = await self._batcher.ask_in_parts(rows)
        except InvalidRows as error:
            http.refused(request.scope, error)
            first = error.errors[0]
            raise _refusal(first.field, first.row, first.problem, first.received) from None
        except http.KNOWN as error:
            failure = http.failure(request.scope, error)
            raise ProtocolError(
                failure.status if failure.again else 400, failure.words, failure.again
            ) from None
        http.answered(request.scope, answers)
        return {
            "model_name": self._name,
            "model_version": self._version,
            **({"id": asked.id} if asked.id is not None else {}),
            "parameters": {"bundle": self._bundle.digest},
            "outputs": [
                {
                    **_tensor_form(output, self._outputs[output], len(answers)),
                    "data": [getattr(answer, output) for answer in answers],
                }
                for output in wanted
            ],
        }

    def _read(self, content: bytes) -> tuple[Inference, list[str], list[Values]]:
        """Return what is asked, for which outputs, and of which rows."""
        asked = read_inference(content, self._reader.most, len(self._reader.columns))
        wanted = self._wanted(asked)
        return asked, wanted, self._reader.read_columns(asked.values())

    def _wanted(self, asked: Inference) -> list[str]:
        """Return the outputs that are asked for; raises `ProtocolError` for one that is none."""
        for at, output in enumerate(asked.outputs or ()):
            if output.name not in self._outputs:
                known = " or ".join(map(repr, self._outputs))
                place = f"outputs.{at}.name"
                raise _refusal(place, None, f"Input should be {known}", shown(output.name))
        return [output.name for output in asked.outputs or ()] or [*self._outputs]

    def _refuse_other(self, name: str, version: str | None) -> None:
        if name != self._name or version not in (None, self._version, self._bundle.digest):
            here = f"{self._name}, version {self._version}"
            raise ProtocolError(404, f"there is no such model or version; this server has {here}")


def _tensor_form(name: str, datatype: str, rows: int = -1) -> dict[str, Any]:
    return {"name": name, "datatype": datatype, "shape": [rows]}
