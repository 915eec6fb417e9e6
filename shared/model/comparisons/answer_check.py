"""Answers that were given, held against what the model gives of the same rows.

A score may differ by as much as a golden row may. Rows are answered alone, in batches and in
whole tables; sums of floating-point numbers in another order differ in the last digits by then.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from shared.errors import Refusal
from shared.model.bundle import TOLERANCE, Bundle
from shared.model.comparisons import altered_scores
from shared.model.comparisons.agreement import Agreement, DifferentAnswer
from shared.schema.contract import Contract
from shared.tasks.task import stacked

# So many rows that differ are named, and answered once more, each alone.
MOST_NAMED = 10
MOST_ALONE = 20
# A file that holds scores in single precision is held to that.
SINGLE = float(np.finfo("float32").eps)
Answers = Mapping[str, np.ndarray]
Model = Callable[[pd.DataFrame], np.ndarray]
"""Gives rows their scores."""


@dataclass(frozen=True)
class LoggedRows:
    """Rows with key, time and features as the contract has them, and the `answers` they were given.

    `answers` names the columns that are compared, the scores among them; those in `single` were
    kept in single precision.
    """

    frame: pd.DataFrame
    answers: Sequence[str]
    single: frozenset[str] = field(default_factory=frozenset)

    def take(self, places: np.ndarray) -> "LoggedRows":
        """Return some of the rows."""
        return LoggedRows(self.frame.iloc[places], self.answers, self.single)


def compare(rows: LoggedRows, bundle: Bundle, model: Model | None = None) -> Agreement:
    """Answer rows again, and compare; one that differs beside others has to differ alone as well.

    By the bundle's pipeline, or else by a `model` of its scores. One that does not answer here, or
    not as in training, is no reason to doubt what was logged: the note says so.
    """
    try:
        # So few rows are answered by one thread.
        with threadpool_limits(1):
            return _compared(rows, bundle, model or bundle.scores)
    except Exception as error:
        # Pipelines are the teams' own: they may fail in any way.
        kind = "" if isinstance(error, Refusal) else f"{type(error).__name__}: "
        return Agreement(note=f"{kind}{(str(error).splitlines() or [''])[0]}")


def _compared(rows: LoggedRows, bundle: Bundle, model: Model) -> Agreement:
    count, wanted = len(rows.frame), wanted_answers(rows, bundle, model)
    off = differences(rows, wanted)
    wrong = np.flatnonzero(np.logical_or.reduce([*off.values()]))
    if not len(wrong):
        return Agreement(compared=count)
    golden = bundle.golden()
    bundle.prove(bundle.answers(bundle.scores(golden), golden))
    alone = _different_alone(rows, wrong[:MOST_ALONE], bundle, model)
    if not len(alone):
        note = f"the model gives {len(wrong):,} another answer alone than beside others"
        return Agreement(compared=count, note=note)
    wrong = alone if len(wrong) <= MOST_ALONE else wrong
    return _disagreement(rows, wanted, off, wrong, bundle)


def wanted_answers(rows: LoggedRows, bundle: Bundle, model: Model) -> Answers:
    """Return what rows should have been answered: the model's scores, and what follows from those.

    What a rule decides is decided by the scores as they were logged: of two that differ in the last
    digits, one may reach a threshold.
    """
    names = bundle.task.score_names
    answered = bundle.answers(model(rows.frame), rows.frame)
    logged = stacked({name: _numbers(rows.frame[name]) for name in names}, names)
    return {**bundle.answers(logged, rows.frame), **{name: answered[name] for name in names}}


def differences(rows: LoggedRows, wanted: Answers) -> dict[str, np.ndarray]:
    """Return where each column of answers is not as wanted, a boolean for each row."""
    return {
        name: _differs(rows.frame[name], wanted[name], SINGLE if name in rows.single else TOLERANCE)
        for name in rows.answers
    }


def _differs(logged: pd.Series, wanted: np.ndarray, tolerance: float) -> np.ndarray:
    if wanted.dtype.kind != "f":
        pairs = zip(logged, wanted, strict=True)
        return np.array([_plain(one) != _plain(other) for one, other in pairs], dtype=bool)
    found = _numbers(logged)
    near = np.abs(found - wanted) <= tolerance * np.maximum(1, np.abs(wanted))
    return ~(near | (np.isnan(found) & np.isnan(wanted)))


def _different_alone(
    rows: LoggedRows, places: np.ndarray, bundle: Bundle, model: Model
) -> np.ndarray:
    """Return those of some rows that differ as well when each is the only one to be answered."""

    def is_different(place: int) -> bool:
        row = rows.take(np.array([place]))
        found = differences(row, wanted_answers(row, bundle, model))
        return any(bool(off[0]) for off in found.values())

    return np.array([place for place in places if is_different(place)], dtype="int64")


def _disagreement(
    rows: LoggedRows,
    wanted: Answers,
    off: Mapping[str, np.ndarray],
    wrong: np.ndarray,
    bundle: Bundle,
) -> Agreement:
    """Describe the rows that are wrong, by the column that is so in most of them.

    By one of the scores where any of them is: what else is answered follows from these.
    """
    counts = {name: int(off[name][wrong].sum()) for name in rows.answers}
    scores = {name: counts[name] for name in bundle.task.score_names if counts[name]}
    column = max(scores or counts, key=lambda name: counts[name])
    there = wrong[off[column][wrong]]
    frame, model = rows.frame.iloc[there], wanted[column][there]
    changed, largest = None, np.zeros(0)
    if model.dtype.kind == "f":
        logged = _numbers(frame[column])
        changed = altered_scores.likely_change(logged, model)
        largest = np.abs(logged - model)
        largest = largest[np.isfinite(largest)]
    return Agreement(
        compared=len(rows.frame),
        differing=len(wrong),
        column=column,
        largest=float(largest.max()) if len(largest) else None,
        likely_cause=changed,
        first=tuple(_first(frame, column, model, bundle.contract)),
    )


def _first(
    frame: pd.DataFrame, column: str, model: np.ndarray, contract: Contract
) -> Iterator[DifferentAnswer]:
    """Yield the first rows in time, as many as are named."""
    keys, moments = (
        frame[name] if name in frame else pd.Series([None] * len(frame), frame.index)
        for name in (contract.key, contract.time)
    )
    moments = pd.to_datetime(moments, utc=True, errors="coerce")
    order = np.argsort(moments.to_numpy(), kind="stable")[:MOST_NAMED]
    for place in order:
        key, moment = _plain(keys.iloc[place]), moments.iloc[place]
        yield DifferentAnswer(
            key=None if key is None else str(key),
            time=None if pd.isna(moment) else moment.isoformat(),
            column=column,
            logged=_plain(frame[column].iloc[place]),
            model=_plain(model[place]),
        )


def _numbers(values: pd.Series) -> np.ndarray:
    return pd.to_numeric(values, errors="coerce").to_numpy("float64")


def _plain(value: Any) -> Any:
    """Return a cell as Python has it; None where it is missing."""
    if value is None or pd.isna(value):
        return None
    return value.item() if isinstance(value, np.generic) else value
