"""Impressions that were shown to people: what is answered is the chance that one is clicked.

A chance is answered and judged as that of any target that is true or false. Beside it metrics ask
how near to the top clicks are where impressions that were shown together are put in its order.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from shared.kinds import METRICS, Kind, Metric
from shared.log_columns import OUTCOME
from shared.policies.impressions import Impressions, even_weights
from shared.schema.contract import ContractColumn
from shared.sections.answers import Slates
from shared.settings import Settings
from shared.tasks import metrics
from shared.tasks.binary.binary_task import Binary, Threshold
from shared.tasks.metrics import Measure, Score
from shared.tasks.ranking import ranking_metrics
from shared.tasks.task import AnswerColumn, Rows, Rule, SeenBy, TaskWords, chance_column

# A number of so many bits is held by a float64 without loss.
FLOAT_BITS = 53
WORDS = Binary().words._replace(
    shown="Metrics of slates are of those whose outcomes have all come, each in the order of the "
    "model's chances. They are shown and not judged: where a policy chose, other items stand in "
    "slates than on the holdout."
)
SHOWN = (
    AnswerColumn(
        ContractColumn(name="slate", type="text", nullable=True),
        "what was shown together; null where rows were answered one by one",
    ),
    AnswerColumn(
        ContractColumn(name="position", type="number", nullable=True, minimum=1, outside="refuse"),
        "the place in the slate, from 1",
    ),
    AnswerColumn(
        chance_column("propensity", nullable=True),
        "the chance that the policy had of showing this there, given what stands before it",
    ),
    AnswerColumn(
        ContractColumn(name="policy", type="text", nullable=True), "how the slate was chosen"
    ),
    AnswerColumn(
        ContractColumn(name="candidates", type="number", nullable=True, minimum=1),
        "of how many it was chosen",
    ),
    AnswerColumn(
        ContractColumn(name="candidate_set", type="text", nullable=True),
        "in a slate's first row which they were, as JSON; null where they were all items",
    ),
)


@dataclass(frozen=True)
class Ranking(Binary):
    """The task of impressions. Scores are chances of a click, shape (rows,).

    Metrics measure columns of shape (rows, 4): the chance, then numbers that are alike where the
    user, the slate, the item are, NaN where there is none.
    """

    kind: Kind = "ranking"
    slates: Slates = field(kw_only=True)
    words: TaskWords = WORDS

    @property
    def columns(self) -> tuple[AnswerColumn, ...]:
        """What a target that is true or false is answered; and where a slate has the row."""
        return (*super().columns, *SHOWN)

    @property
    def seen_by(self) -> SeenBy:
        """The chance that each row had of its place; one that is of no slate was not chosen."""
        return SeenBy(("position", "candidates", "propensity"), "an even choice", self._even)

    @property
    def measure(self) -> Measure:
        """The metrics of chances, and of slates in their order."""
        return partial(ranking_metrics.measure, top=self.slates.top)

    def answers(self, scores: np.ndarray, rule: Rule, rows: Rows) -> dict[str, np.ndarray]:
        """Return the answers to a target that is true or false; what rows say of slates stays."""
        names = [column.name for column, _ in SHOWN]
        shown = {name: _objects(self._column(rows, name), len(scores)) for name in names}
        return super().answers(scores, rule, rows) | shown

    def measured(self, scores: np.ndarray, rule: Rule, rows: Rows) -> np.ndarray:
        """Return the chances, and the numbers of user, slate and item; shape (rows, 4)."""
        named = (self.slates.user, "slate", self.slates.item)
        codes = [text_numbers(self._column(rows, name), len(scores)) for name in named]
        return np.column_stack([scores, *codes])

    def scores_of(self, measured: np.ndarray) -> np.ndarray:
        """Return the chances."""
        return measured[:, 0]

    def baseline(self, train: pd.DataFrame, rows: pd.DataFrame, settings: Settings) -> np.ndarray:
        """Return how often each row's item was clicked, or the group that the settings name."""
        by = {"baseline": settings.base_rate_by}
        popularity = super().baseline(train, rows, settings.model_copy(update=by))
        return self.measured(popularity, Threshold(threshold=0.5), rows)

    def impressions(self, rows: Rows) -> Impressions | None:
        """Return the rows of slates whose outcome has come; None where there are none.

        A table of impressions says of no policy how many candidates it had.
        """
        named = ("position", "candidates", "propensity", "probability", OUTCOME)
        found = {name: self._column(rows, name) for name in (*named, "policy")}
        if any(found[name] is None for name in ("position", "probability", OUTCOME)):
            return None
        size = len(found[OUTCOME])
        numbers = {name: _numbers(found[name], size) for name in named}
        who_saw_what = (self.slates.user, self.slates.item, "slate")
        codes = [text_numbers(self._column(rows, name), size) for name in who_saw_what]
        known = np.isfinite([*codes, numbers["position"], numbers[OUTCOME]])
        at = np.flatnonzero(known.all(axis=0))
        if not len(at):
            return None
        return Impressions(
            user=codes[0][at].astype("int64"),
            item=codes[1][at].astype("int64"),
            slate=codes[2][at].astype("int64"),
            position=numbers["position"][at].astype("int64"),
            candidates=numbers["candidates"][at],
            propensity=numbers["propensity"][at],
            clicked=numbers[OUTCOME][at],
            probability=numbers["probability"][at],
            policy=_objects(found["policy"], size)[at].astype(str),
        )

    def slate_scores(self, rows: Impressions | None, seed: int) -> dict[Metric, Score]:
        """Score whole slates, each in the order of its chances, with intervals by user."""
        whole = rows.whole_slates() if rows else None
        if not whole or not len(whole.user):
            return {}
        measured = np.column_stack([whole.probability, whole.user, whole.slate, whole.item])
        names = [name for name in METRICS["ranking"] if name not in METRICS["binary"]]
        measure = partial(ranking_metrics.measure, top=self.slates.top, names=names)
        return metrics.score(measure, whole.clicked, measured, seed)

    def _even(self, rows: Rows) -> np.ndarray:
        shown = (rows[name].to_numpy("float64") for name in self.seen_by.columns)
        return np.nan_to_num(even_weights(*shown), nan=1.0)

    def _column(self, rows: Rows, answered: str) -> Any:
        """Return a column by what answers call it, as a table or the log has it; else None."""
        for name in self._names(answered):
            try:
                return rows[name]
            except KeyError:
                continue
        return None

    def _names(self, answered: str) -> Iterator[str]:
        yield from (name for name, said in self.slates.answered_as.items() if said == answered)
        yield answered


def _series(column: Any) -> pd.Series:
    return column.to_pandas() if hasattr(column, "to_pandas") else pd.Series(column)


def _numbers(column: Any, rows: int) -> np.ndarray:
    """Return a column's numbers; NaN where there is none."""
    if column is None:
        return np.full(rows, np.nan)
    return pd.to_numeric(_series(column), errors="coerce").to_numpy("float64", na_value=np.nan)


def _objects(column: Any, rows: int) -> np.ndarray:
    """Return a column's values, None where one is missing."""
    if column is None:
        return np.full(rows, None, dtype=object)
    if isinstance(column, list):
        # A server's: a series of each column would take longer than to choose what is shown.
        found = np.empty(rows, dtype=object)
        found[:] = [None if isinstance(v, float) and math.isnan(v) else v for v in column]
        return found
    values = _series(column)
    found = values.to_numpy(dtype=object, copy=True)
    found[values.isna().to_numpy()] = None
    return found


def text_numbers(column: Any, rows: int) -> np.ndarray:
    """Return a number of each different text, the same in any table; NaN where one is missing."""
    if column is None:
        return np.full(rows, np.nan)
    places, different = pd.factorize(_series(column))
    texts = np.array([*map(str, different), ""], dtype=object)
    numbers = (pd.util.hash_array(texts) >> np.uint64(64 - FLOAT_BITS)).astype("float64")
    numbers[-1] = np.nan
    return np.asarray(numbers[places])
