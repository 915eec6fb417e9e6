"""The OpenAPI document: what the framework does not see for itself is added to it."""

from typing import Any

from fastapi import FastAPI

from shared.schema.contract import Contract
from shared.sections.operation import Serve
from shared.serving.api_docs import row_schemas
from shared.serving.protocols import open_inference, tensors
from shared.serving.protocols.columnar import KINDS
from shared.serving.protocols.tensors import schema_place
from shared.serving.request_rows.rows import AnswerForm, asked_columns, outcome_columns
from shared.serving.request_rows.validation_errors import ValidationErrors
from shared.serving.routes import explain
from shared.serving.routes.recommend import PATH as RECOMMEND
from shared.serving.routes.recommend import Recommend
from shared.serving.security import access

AGAIN = {"Retry-After": {"description": "Seconds", "schema": {"type": "integer"}}}
SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}
# What stands before the routes may answer for any of them.
REFUSED = {
    "401": "No key came along, or none that is known",
    "403": "The key's role may not ask this",
}
UNREADABLE = {
    "408": "The body did not come in time",
    "413": "The body has more bytes than are taken",
    "429": "Too many bytes of large bodies are held already: send it again later",
    "431": "The head has more bytes or lines than are taken",
}
FAILED = {"500": "The server failed; the answer's `request_id` finds why in its log"}
AWAY = "Nothing is answered: the log is away, or too much waits"


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


TABLES = {kind.decode(): {"schema": {"type": "string", "format": "binary"}} for kind in KINDS}
INVALID = {
    "description": "What is wrong, by row and field",
    "content": _json(schema_place("ValidationErrors")),
}


def complete_document(
    app: FastAPI,
    contract: Contract,
    form: AnswerForm,
    limits: Serve,
    recommend: Recommend | None = None,
    *,
    keys: bool,
) -> None:
    """Add `POST /predict`, `/explain` and what any route may answer to the other routes'.

    And `/recommend`, where there is what answers it.
    """
    describe = app.openapi

    def described() -> dict[str, Any]:
        from shared.serving.api_docs import explain_schemas, recommend_schemas

        if app.openapi_schema is None:
            document = describe()
            schemas = document["components"]["schemas"]
            outputs = tensors.schemas([*tensors.outputs(form.columns)])
            schemas |= _schemas(contract, form) | _validation_errors() | outputs
            schemas |= explain_schemas.schemas(form)
            for replaced in ("HTTPValidationError", "ValidationError"):
                schemas.pop(replaced, None)
            own = {"/predict": {"post": _predict(limits)}, explain.PATH: {"post": _explain()}}
            if recommend:
                schemas |= recommend_schemas.schemas(recommend.reader)
                away = {"description": AWAY, "headers": AGAIN}
                own[RECOMMEND] = {"post": recommend_schemas.operation(INVALID, away)}
            document["paths"] = {**own, **document["paths"]}
            document["paths"]["/outcomes"]["post"] |= {
                "requestBody": {"required": True, "content": _json(_rows("Outcome", limits))}
            }
            document["paths"]["/outcomes"]["post"]["responses"]["422"] = INVALID
            _add_refusals(document, keys=keys)
        return app.openapi_schema or {}

    app.openapi = described  # type: ignore[method-assign]


def _rows(model: str, limits: Serve) -> dict[str, Any]:
    return row_schemas.body_schema(schema_place(model), limits.json_rows)


def _schemas(contract: Contract, form: AnswerForm) -> dict[str, Any]:
    return {
        "Row": row_schemas.row_schema(asked_columns(contract)),
        "Outcome": row_schemas.row_schema(outcome_columns(contract)),
        "Answer": form.schema(tensors.SCHEMAS),
    }


def _predict(limits: Serve) -> dict[str, Any]:
    one = schema_place("Answer")
    given = {"anyOf": [one, {"type": "array", "items": one}]}
    return {
        "summary": "Predict",
        "description": "Answer one row, or many in their order, as JSON or as a table: an Arrow "
        "IPC stream or a Parquet file, which is answered in kind unless `Accept` names another. "
        "An answer is in the log before it leaves. At most "
        f"{limits.json_rows:,} rows as JSON, and {limits.table_rows:,} as a table.",
        "requestBody": {"required": True, "content": _json(_rows("Row", limits)) | TABLES},
        "responses": {
            "200": {"description": "Answered", "content": _json(given) | TABLES},
            "422": INVALID,
            "503": {"description": AWAY, "headers": AGAIN},
        },
    }


def _explain() -> dict[str, Any]:
    one = schema_place("ExplainedAnswer")
    given = {"anyOf": [one, {"type": "array", "items": one}]}
    body = row_schemas.body_schema(schema_place("Row"), explain.MOST_ROWS)
    return {
        "summary": "Explain",
        "description": "Answer one row, or a list of at most "
        f"{explain.MOST_ROWS}, with what each feature adds to the answer, next to held-out rows. "
        "It is no prediction: nothing is logged. One request is explained at a time.",
        "requestBody": {"required": True, "content": _json(body)},
        "responses": {
            "200": {"description": "Explained", "content": _json(given)},
            "422": INVALID,
            "503": {"description": "Others are being explained", "headers": AGAIN},
        },
    }


def _validation_errors() -> dict[str, Any]:
    schema = ValidationErrors.model_json_schema(ref_template=tensors.SCHEMAS)
    return schema.pop("$defs") | {"ValidationErrors": schema}


def _add_refusals(document: dict[str, Any], *, keys: bool) -> None:
    if keys:
        document["components"]["securitySchemes"] = SCHEMES
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            refusals = dict(FAILED)
            if method == "post":
                refusals |= UNREADABLE
            if keys and not path.startswith(access.OPEN):
                refusals |= REFUSED
                operation["security"] = [{name: []} for name in SCHEMES]
            responses = operation["responses"]
            if path.startswith(open_inference.PREFIX):
                responses.pop("422", None)
            elif "422" in responses:
                responses["422"] = INVALID
            responses |= {s: {"description": words} for s, words in refusals.items()} | responses
