"""What `POST /recommend` takes and answers, as its OpenAPI document has it."""

from typing import Any

from shared.serving.api_docs import row_schemas
from shared.serving.protocols.tensors import schema_place
from shared.serving.routes.slate_request import LONGEST_NAME, MOST_SHOWN, SlateReader

Schema = dict[str, Any]


def schemas(reader: SlateReader) -> dict[str, Schema]:
    """Return the schemas of a request for a slate, of a candidate and of a slate, by name."""
    names, item = [*reader.items], reader.item
    key = row_schemas.column_schema(reader.candidate_columns([item])[0])
    asked = row_schemas.row_schema(reader.context_columns(names))
    described = row_schemas.row_schema(reader.candidate_columns(names))
    if not names:
        # Which features are the context's, and which the candidates', is the caller's choice.
        asked = {"type": "object", "properties": {}, "required": ["candidates"]}
        described = {"type": "object", "properties": {item: key}, "required": [item]}
    listed = [schema_place("Candidate"), key] if names else [schema_place("Candidate")]
    more = {
        "slate": {"type": "string", "maxLength": LONGEST_NAME, "description": "its name; or made"},
        "k": {"type": "integer", "minimum": 1, "maximum": MOST_SHOWN},
        "candidates": {
            "type": "array",
            "minItems": 1,
            "maxItems": reader.most,
            "items": {"anyOf": listed},
            "description": "items by name, or with their features"
            + ("; all of the bundle's where it is left out" if names else ""),
        },
    }
    asked["properties"] = {**asked["properties"], **more}
    return {"SlateRequest": asked, "Candidate": described, "Slate": _slate(key)}


def operation(invalid: Schema, away: Schema) -> Schema:
    """Return how the route is described."""
    return {
        "summary": "Recommend",
        "description": "Choose a slate among candidates by the model's chances of a click and the "
        "policy. Each shown item is in the log before the answer leaves, with the chance that it "
        "had to be shown there; its outcome arrives by its key.",
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": schema_place("SlateRequest")}},
        },
        "responses": {
            "200": {
                "description": "Chosen",
                "content": {"application/json": {"schema": schema_place("Slate")}},
            },
            "422": invalid,
            "503": away,
        },
    }


def _slate(key: Schema) -> Schema:
    chance = {"type": "number", "minimum": 0, "maximum": 1}
    item = {
        "item": key,
        "position": {"type": "integer", "minimum": 1},
        "score": chance | {"description": "the model's chance of a click"},
        "propensity": chance | {"description": "of being here, given what stands before it"},
        "key": {"type": "string", "description": "by which its outcome arrives"},
        "prediction_id": {"type": "string", "description": "its row in the prediction log"},
    }
    properties = {
        "slate": {"type": "string"},
        "policy": {"type": "string", "description": "how it was chosen"},
        "candidates": {"type": "integer", "description": "of how many"},
        "bundle": {"type": "string", "description": "the digest of the bundle that answered"},
        "items": {
            "type": "array",
            "items": {"type": "object", "properties": item, "required": [*item]},
        },
    }
    return {"type": "object", "properties": properties, "required": [*properties]}
