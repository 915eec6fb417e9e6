"""From rows to the scores of trees, without the frames that scikit-learn makes on the way.

For few rows those frames take longer than the model does. What is here needs nothing of the
libraries that the model was made with, and can be handed to another process.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from shared.model.scores.compiled_trees import CompiledTrees
from shared.schema.columns import Columns
from shared.tasks.task import Task

Scores = Callable[[Columns], np.ndarray]
LOG = logging.getLogger("millrace")


@dataclass(frozen=True)
class Input:
    """How a column's values become a model's numbers, where they are none: by codes, or as times.

    A text that has no code becomes `unknown`.
    """

    name: str
    codes: Mapping[str | None, float] | None = None
    unknown: float = np.nan
    is_time: bool = False

    def numbers(self, values: list[Any]) -> list[Any]:
        """Return a column's values as numbers; None is one that is missing."""
        if self.codes is not None:
            code, unknown = self.codes.get, self.unknown
            return [code(value, unknown) for value in values]
        if self.is_time:
            return [np.nan if moment is None else moment.timestamp() for moment in values]
        return values


@dataclass(frozen=True)
class FastPath:
    """The inputs of a model that is made of trees, and these; quicker for up to `most_rows`."""

    inputs: tuple[Input, ...]
    trees: CompiledTrees
    most_rows: int

    @property
    def evaluator(self) -> str:
        """How rows are answered, in words."""
        return f"treelite for up to {self.most_rows} rows, then the estimator without frames"

    def scores(self, task: Task, asked: Columns) -> np.ndarray:
        """Return the scores of rows, whatever their number, as the model's own pipeline does."""
        return task.scores(self.trees, model_rows(asked, self.inputs))


def model_rows(asked: Columns, inputs: tuple[Input, ...]) -> np.ndarray:
    """Return a model's input: float64, shape (rows, inputs)."""
    table = [one.numbers(asked[one.name]) for one in inputs]
    # In the order of rows, which the model goes through one after another.
    return np.ascontiguousarray(np.array(table, dtype="float64").T)


def with_fallback(shortcut: Scores, otherwise: Scores) -> Scores:
    """Return what asks a shortcut, and where that fails the other, which the log tells."""

    def answered(asked: Columns) -> np.ndarray:
        try:
            return shortcut(asked)
        except Exception as error:
            warn(error)
            return otherwise(asked)

    return answered


def warn(error: Exception) -> None:
    """Tell why there is no shortcut."""
    LOG.warning("rows are answered by the whole pipeline: %s: %s", type(error).__name__, error)
