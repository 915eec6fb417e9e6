"""The OpenAPI document of the routes."""

from fastapi.testclient import TestClient

from tests.serving.conftest import LOAN, Guarded


def test_the_document_names_the_ways_to_send_a_key_and_what_may_be_answered(
    guarded: Guarded,
) -> None:
    document = guarded.ask("GET", "/openapi.json", "admin").json()
    assert set(document["components"]["securitySchemes"]) == {"bearer", "header"}
    predict = document["paths"]["/predict"]["post"]
    assert set(predict["responses"]) >= {"200", "401", "403", "408", "413", "422", "500", "503"}
    assert "security" not in document["paths"]["/health/live"]["get"]


def test_the_docs_show_the_real_columns(client: TestClient) -> None:
    assert "swagger" in client.get("/docs").text
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    assert list(schemas["Row"]["properties"]) == list(LOAN)
    assert schemas["Row"]["required"] == ["loan", "applied", "age", "region", "employed"]
    assert schemas["Row"]["properties"]["age"] == {
        "type": "integer",
        "minimum": 18,
        "maximum": 120,
        "title": "age",
        "description": "integer from 18 to 120, or its digits as a text",
    }
    region = schemas["Row"]["properties"]["region"]["anyOf"][0]
    assert region["examples"] == ["east", "north", "south"]
    assert list(schemas["Outcome"]["properties"]) == ["loan", "defaulted"]
