"""What is counted of a table: bins, categories and scales that are fixed by a history.

Profiles that were counted by one plan can be added and compared.
"""

import math
from functools import cached_property
from typing import Literal

from pydantic import BaseModel, ConfigDict

from shared.log_columns import PROBABILITY
from shared.tasks.answer_plan import AnswerPlan

# Of a number with more values than these, as many bins have about equally many rows.
BINS = 64


class NumberPlan(BaseModel):
    """A number: rising `edges` of bins, and the `centre` and `scale` of its standard scores.

    `values` are all that history had, or is likely to have had, in float32 and rising; None where
    there are too many.
    `minimum` and `maximum` are the limits beyond which the contract refuses a value.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["number"] = "number"
    name: str
    edges: tuple[float, ...]
    centre: float
    scale: float
    values: tuple[float, ...] | None
    minimum: float | None = None
    maximum: float | None = None

    @property
    def width(self) -> int:
        """How many bins there are: one below the edges, one between each two, one above."""
        return len(self.edges) + 1

    @property
    def span(self) -> tuple[float, float]:
        """Where numbers of history begin and end, all of them below the end; anywhere, if none."""
        return (self.edges[1], self.edges[-2]) if len(self.edges) > 3 else (-math.inf, math.inf)

    @property
    def held_span(self) -> tuple[float, float]:
        """The inner ends of the outermost bins, to which numbers beyond all others are held.

        A bin of one value ends with it.
        """
        edges = self.edges
        if len(edges) < 4:
            return self.span
        return (edges[2] if len(edges) == BINS + 3 else edges[1], edges[-3])


class CategoryPlan(BaseModel):
    """Categories, the most frequent first; `enforced` ones are the only ones that may come.

    The first `related` ones take part in linear dependence.
    """

    # Older bundles say of each whether all its categories are listed, which nobody reads.
    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: Literal["category"] = "category"
    name: str
    categories: tuple[str, ...]
    related: int
    enforced: bool = False

    @property
    def width(self) -> int:
        """How many bins there are: one of each category, and one of all that is not listed."""
        return len(self.categories) + 1


ColumnPlan = NumberPlan | CategoryPlan


class TreeSplit(BaseModel):
    """A node of a tree: rows with one of some codes of a column go `left`, with others `right`.

    Either is the place of a node, or -1 less the number of a leaf. A code that history never had
    is in neither of `codes`: its rows are in no leaf.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    column: str
    codes: tuple[tuple[int, ...], tuple[int, ...]]
    left: int
    right: int


class Dependence(BaseModel):
    """How a column depends on others: the class of each of its codes, and a tree on the others.

    A code that history never had has the class -1.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    column: str
    classes: tuple[int, ...]
    splits: tuple[TreeSplit, ...]

    @property
    def shape(self) -> tuple[int, int]:
        """How many classes and how many leaves there are."""
        return max(self.classes) + 1, len(self.splits) + 1

    @property
    def others(self) -> tuple[str, ...]:
        """The columns that predict this one, those of the first splits first."""
        return tuple(dict.fromkeys(split.column for split in self.splits))


class CountingPlan(BaseModel):
    """What is counted of which column, in the contract's order, the answers' last; dependences.

    `watched` are the columns of answers among them, and `calendar` is that of its holidays.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    columns: tuple[ColumnPlan, ...]
    dependences: tuple[Dependence, ...]
    key: str
    time: str
    calendar: str | None = None
    watched: tuple[str, ...] = (PROBABILITY,)
    answers: AnswerPlan = AnswerPlan()

    def __getitem__(self, name: str) -> ColumnPlan:
        return self.by_name[name]

    @cached_property
    def by_name(self) -> dict[str, ColumnPlan]:
        """The columns by their names, in their order; a copy has to have the same ones."""
        return {column.name: column for column in self.columns}

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names, in their order."""
        return tuple(self.by_name)
