"""The schemas of an explained answer are those of what is answered."""

from shared.serving.api_docs import explain_schemas
from shared.serving.request_rows.rows import AnswerForm
from tests.serving.parcels import PARCELS

FORM = AnswerForm(PARCELS)


def test_an_explained_answer_has_the_fields_of_an_answer_but_its_id_and_its_reasons() -> None:
    explained = explain_schemas.schemas(FORM)["ExplainedAnswer"]
    fields = [name for name in FORM.names if name != "prediction_id"]
    assert list(explained["properties"]) == explained["required"] == [*fields, "reasons"]


def test_each_part_that_is_referred_to_stands_among_the_schemas() -> None:
    made = explain_schemas.schemas(FORM)
    assert list(made) == ["Contribution", "Reasons", "ExplainedAnswer"]
    place = "#/components/schemas/"
    assert made["ExplainedAnswer"]["properties"]["reasons"] == {"$ref": f"{place}Reasons"}
    items = made["Reasons"]["properties"]["contributions"]["items"]
    assert items == {"$ref": f"{place}Contribution"}
    assert "$defs" not in made["Reasons"]


def test_a_model_without_numbers_has_reasons_of_null() -> None:
    parts = explain_schemas.schemas(FORM)
    for part, name in (("Reasons", "base_value"), ("Contribution", "contribution")):
        assert {"type": "null"} in parts[part]["properties"][name]["anyOf"]
