"""How answers are counted beside their outcomes: what a history fixes of it."""

from pydantic import BaseModel, ConfigDict

from shared.kinds import Kind


class AnswerPlan(BaseModel):
    """How answers are counted beside their outcomes, by their kind; `classes` if of several.

    Of numbers, `edges` rise between the bins of predictions, whose means are `centres` and standard
    deviations `deviations`; `scale` is what residuals are measured in, and `coverage` the share of
    outcomes that intervals are to hold, None where there are none.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind = "binary"
    classes: tuple[str, ...] = ()
    edges: tuple[float, ...] = ()
    centres: tuple[float, ...] = ()
    deviations: tuple[float, ...] = ()
    scale: float = 1.0
    coverage: float | None = None
