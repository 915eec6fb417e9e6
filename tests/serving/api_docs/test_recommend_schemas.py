"""What the OpenAPI document says of slates is what is taken and answered."""

from pathlib import Path
from typing import Any

import jsonschema
import pytest

from shared.serving.api_docs import recommend_schemas
from tests.serving.routes.test_slate_request import ASKED, catalogue, reader_of


def schemas(folder: Path, *, items: bool = True) -> dict[str, Any]:
    made = recommend_schemas.schemas(reader_of(folder, catalogue() if items else None))
    return {"components": {"schemas": made}}


@pytest.mark.parametrize(
    ("more", "is_taken"),
    [
        ({}, True),
        ({"slate": "a", "k": 3, "candidates": ["i01", {"item": "new", "price": 2}]}, True),
        ({"shown": "2024-05-01T10:00:00Z"}, True),
        ({"k": 0}, False),
        ({"candidates": []}, False),
        ({"candidates": [{"price": 2}]}, False),
        ({"price": 3}, False),
        ({"age": None}, False),
    ],
)
def test_a_request_is_as_it_says(tmp_path: Path, more: dict[str, Any], is_taken: bool) -> None:
    document = schemas(tmp_path)
    asked = document | {"$ref": "#/components/schemas/SlateRequest"}
    assert jsonschema.Draft202012Validator(asked).is_valid(ASKED | more) is is_taken


def test_without_items_candidates_are_described(tmp_path: Path) -> None:
    made = schemas(tmp_path, items=False)["components"]["schemas"]
    assert made["SlateRequest"]["required"] == ["candidates"]
    assert made["Candidate"]["required"] == ["item"]
