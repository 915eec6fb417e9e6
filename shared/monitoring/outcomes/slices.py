"""Slices that the settings ask for: their rows by outcome and score, and what these are worth."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from shared.kinds import Metric
from shared.model.evaluation import Evaluation
from shared.schema import arrow
from shared.settings import Settings
from shared.tasks.answer_counts import AnswerCounts
from shared.tasks.metrics import Score

# Of a column with more values, those are counted that had the most rows on the holdout.
MOST_VALUES = 100
MISSING = "(missing)"

Slices = dict[str, np.ndarray]
"""The counts of answers of each slice by its name."""


@dataclass(frozen=True)
class Slice:
    """What the model is worth on a slice: its rows with an outcome, and its scores.

    These rest on its `telling` outcomes.
    """

    name: str
    received: int
    telling: int
    scores: dict[Metric, Score]
    expected: dict[Metric, Score]


class Slicer:
    """Counts tables by slices, of which these are the names in a bundle's evaluation."""

    def __init__(self, names: Sequence[str], counter: AnswerCounts, settings: Settings) -> None:
        self._counter = counter
        self._values = {
            column: [n.removeprefix(start) for n in names if n.startswith(start)][:MOST_VALUES]
            for column in settings.slices
            for start in [f"{column} = "]
        }

    def count(self, table: pa.Table, places: np.ndarray | None = None) -> Slices:
        """Count a table, and perhaps known places; a column that it lacks has no slices."""
        found = self._counter.places(table) if places is None else places
        sections, shape = np.atleast_2d(found), self._counter.shape
        width = math.prod(shape)
        counted: Slices = {}
        for column, known in self._values.items():
            if column not in table.column_names:
                continue
            at = _places(table[column], known)
            cells = np.where((at >= 0) & (sections >= 0), at * width + sections, -1)
            rows = np.bincount(cells[cells >= 0], minlength=len(known) * width)
            by_value = zip(known, rows.reshape(-1, *shape), strict=True)
            counted |= {f"{column} = {value}": rows for value, rows in by_value}
        return counted


def merged(one: Slices, other: Slices) -> Slices:
    """Add the slices of two tables."""
    return {
        name: one[name] + other[name] if name in one and name in other else rows
        for name, rows in (one | other).items()
    }


def scored(
    counted: Slices,
    counter: AnswerCounts,
    judged: Sequence[Metric],
    evaluation: Evaluation,
    settings: Settings,
) -> tuple[Slice, ...]:
    """Score the slices with enough outcomes that were not small on the holdout, largest first.

    They are scored by what is `judged`.
    """
    slices = []
    for row in evaluation.slices:
        answers = counted.get(row.slice)
        received = counter.received(answers) if answers is not None else 0
        if answers is None or row.small or received < settings.monitor.minimum_outcomes:
            continue
        if counter.can_score(answers):
            scores = counter.score(answers, settings.seed, judged)
            telling = counter.telling(answers)
            expected = counter.expected_of(answers, scores, row.scores)
            slices.append(Slice(row.slice, received, telling, scores, expected))
    return tuple(sorted(slices, key=lambda one: -one.received))


def _places(column: pa.ChunkedArray, known: list[str]) -> np.ndarray:
    """Return each row's place among the known values, -1 where it is none of them."""
    kind = column.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        numbers, missing = arrow.numbers(column)
        at = np.full(len(numbers), -1)
        for place, value in enumerate(pd.to_numeric(pd.Series(known), errors="coerce")):
            at[numbers == value] = place
    else:
        codes, missing = arrow.codes(column, tuple(known))
        at = np.where(missing | (codes == len(known)), -1, codes)
    if MISSING in known:
        at[missing] = known.index(MISSING)
    return at
