"""The contract: which columns a row has, and what may stand in them."""

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, ConfigDict

from shared.kinds import Kind
from shared.sections.answers import Action, Slates

ColumnType = Literal["number", "integer", "category", "boolean", "time", "text"]


class ContractColumn(BaseModel):
    """One column: its type, and what is allowed in it.

    `outside` says what becomes of a value that is not among the categories or not in the range:
    `refuse` (the server answers 422), or `accept` (predicted, logged, and left to the monitor).
    `format` is how a time's texts are written where they are not ISO 8601, as `strptime` has it;
    `truths` are the texts that stand for false and for true, where they are a pair of their own.
    `made` is a key or a time that rows of files get where they come without.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    type: ColumnType
    nullable: bool = False
    minimum: float | None = None
    maximum: float | None = None
    categories: tuple[str, ...] | None = None
    outside: Literal["accept", "refuse"] = "accept"
    format: str | None = None
    truths: tuple[str, str] | None = None
    made: bool = False

    @property
    def has_classes(self) -> bool:
        """Whether its values are classes: neither numbers, times nor free texts."""
        return self.type in ("boolean", "category")

    @property
    def out_of_range(self) -> str:
        """What is said of a value that is not in the range, where there is one."""
        if self.minimum is None:
            return f"above {self.maximum:.15g}"
        if self.maximum is None:
            return f"below {self.minimum:.15g}"
        return f"outside {self.minimum:.15g} to {self.maximum:.15g}"


class Contract(BaseModel):
    """The columns of a problem: key, time, target and features; and the kind of its answers.

    `interval` is the share of outcomes that an answer's interval is to hold, where it has one.
    `ranking` says which columns tell what was shown to whom, where rows are impressions: those of
    them that are no features are among the columns as well. `action` says which prediction is acted
    on, so that its outcome is never seen.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    time: str
    target: str
    features: tuple[str, ...]
    columns: tuple[ContractColumn, ...]
    kind: Kind = "binary"
    interval: float | None = None
    ranking: Slates | None = None
    action: Action | None = None

    def __getitem__(self, name: str) -> ContractColumn:
        return next(column for column in self.columns if column.name == name)

    @property
    def answered_as(self) -> dict[str, str]:
        """What answers call columns of the table that are no features, by their names there."""
        found = self.ranking.answered_as if self.ranking else {}
        found |= {self.action.propensity: "propensity"} if self.action else {}
        return {name: found[name] for name in found if name in self._types}

    @property
    def numeric(self) -> list[str]:
        """The features that a model sees as numbers (number, integer, boolean, time)."""
        types = self._types
        return [name for name in self.features if types[name] not in ("category", "text")]

    @property
    def categorical(self) -> list[str]:
        """The features that a model sees as categories."""
        types = self._types
        return [name for name in self.features if types[name] in ("category", "text")]

    @property
    def _types(self) -> dict[str, ColumnType]:
        return {column.name: column.type for column in self.columns}


def listed(texts: Iterable[str]) -> str:
    """Return texts with commas between them; in quotes those that are empty or break the line."""
    return ", ".join(text if text and text.isprintable() else repr(text) for text in texts)
