"""What the settings say of answers: intervals, slates, and predictions that are acted on."""

from typing import Annotated, Literal, Self

from pydantic import Field, StrictBool, model_validator

from shared.sections.section import Section, Seed, Share


class Interval(Section):
    """The interval that each answer gets, which is to hold a share `coverage` of the outcomes.

    It is as wide as the errors were of rows with a prediction like the answer's, and with the same
    values of the features `by` where those rows are enough.
    """

    coverage: Annotated[float, Field(gt=0, lt=1)] = 0.9
    """The share of the outcomes that intervals are to hold."""
    by: tuple[str, ...] = ()
    """Features in whose groups they are to hold it, too."""


class Slates(Section):
    """Which columns say what was shown to whom, where, and with which chance; and what there is.

    Impressions that were shown together are a slate, and `position` 1 is its first. Metrics compare
    what is near the top of each slate with its clicks, and have their intervals by `user`.
    """

    user: str
    """Who is shown something: a feature, by whose values intervals are resampled."""
    item: str
    """What is recommended: a feature."""
    slate: str = "slate"
    """The column by which impressions were shown together; no feature."""
    position: str = "position"
    """The column with the place that each had, from 1; no feature, as none has one beforehand."""
    propensity: str = "propensity"
    """The column with the chance that it had to be shown there; the table may be without."""
    items: str | None = None
    """The items and their features, a table or a function as `source` is; left out, who asks
    `/recommend` gives both."""
    k: Annotated[int, Field(ge=1, le=1_000)] = 20
    """How many items a slate has, where who asks does not say."""
    top: Annotated[int, Field(ge=1, le=1_000)] = 5
    """How many of a slate's first places metrics look at."""

    @property
    def columns(self) -> dict[str, Literal["text", "integer", "number"]]:
        """The types of the table's columns that are no features, by their names."""
        return {self.slate: "text", self.position: "integer", self.propensity: "number"}

    @property
    def answered_as(self) -> dict[str, str]:
        """What answers call these columns, by their names in the table."""
        names = ("slate", "position", "propensity")
        return dict(zip(self.columns, names, strict=True))

    @model_validator(mode="after")
    def _all_different(self) -> Self:
        named = [self.user, self.item, self.slate, self.position, self.propensity]
        if len({*named}) < len(named):
            raise ValueError(
                "ranking: user, item, slate, position and propensity must be different columns; "
                f"received {named}"
            )
        return self


class Explore(Section):
    """How slates leave the order of the model's scores, and learn what it does not know.

    With `none` the best come first. With `epsilon` each place is given evenly to what is left with
    the chance `share`, else to the best. With `softmax` places are drawn by the scores, with
    `thompson` by a draw of each item's score.
    """

    by: Literal["none", "epsilon", "softmax", "thompson"] = "none"
    """How items are chosen."""
    share: Share = 0.1
    """Of `epsilon`: the chance that a place is given evenly to what is left."""
    temperature: Annotated[float, Field(ge=0.001, le=100)] = 1.0
    """Of `softmax`: what log odds are divided by; the smaller, the nearer to the best."""


class Action(Section):
    """Which prediction is acted on, so that nobody ever sees what would have come of its row.

    A loan is refused, a payment blocked, a part not inspected. A share of such rows is let through
    by chance: `action` in an answer says of each row what to do, and `propensity` the chance that
    its outcome is seen. Chance is a hash of the row's key and the seed, the same whenever it is
    asked: who chooses keys must not know the seed.
    """

    on: StrictBool = True
    """Which prediction is acted on."""
    let_through: Annotated[float, Field(ge=0, lt=1)] = 0.05
    """The share of the rows with that prediction that are let through by chance."""
    seed: Seed = 0
    """What chance is of, beside the row's key."""
    propensity: str = "propensity"
    """The column of the table with the chance that the row's outcome had to be seen; the table may
    be without, and where it is missing the outcome is one that is always seen."""
