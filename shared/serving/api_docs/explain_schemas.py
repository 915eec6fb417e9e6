"""What `POST /explain` answers, as its OpenAPI document has it."""

from typing import Any

from pydantic import BaseModel, Field

from shared.serving.protocols import tensors
from shared.serving.request_rows.rows import AnswerForm


class Contribution(BaseModel):
    """What one feature adds to the answer."""

    feature: str
    value: float | bool | str | None = Field(description="as it was read; null where it is missing")
    contribution: float | None = Field(description="in the unit of what is explained")
    standard_error: float | None = Field(description="of sampling; 0 where it is exact")


class Reasons(BaseModel):
    """Why the answer is what it is: the base value and all contributions sum to it.

    Null stands where the model gives no number.
    """

    of: str = Field(description="the field of the answer that is explained")
    base_value: float | None = Field(description="the mean answer of the rows it is set beside")
    exact: bool = Field(description="whether contributions are exact, else sampled")
    rows: int = Field(description="how many held-out rows it is set beside", gt=0)
    contributions: list[Contribution] = Field(description="of each feature, the largest first")


def schemas(form: AnswerForm) -> dict[str, Any]:
    """Return the schemas of an explained answer and its parts, by name."""
    place = tensors.SCHEMAS
    answer = form.schema(place)
    fields = {name: held for name, held in answer["properties"].items() if name != "prediction_id"}
    fields["reasons"] = tensors.schema_place("Reasons")
    reasons = Reasons.model_json_schema(ref_template=place)
    explained = {"type": "object", "properties": fields, "required": list(fields)}
    return {**reasons.pop("$defs"), "Reasons": reasons, "ExplainedAnswer": explained}
