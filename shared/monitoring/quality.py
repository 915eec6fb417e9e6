"""What the model is worth on the rows whose outcomes have come, beside what was promised."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import pandas as pd

from shared import scores
from shared.data.contract import Contract
from shared.scores import Score
from shared.settings import Metric, Settings

State = Literal[
    "judged", "unscored", "no outcomes in the file", "not due", "none came", "too few", "one class"
]


@dataclass(frozen=True)
class Quality:
    """The scores of a window's rows with an outcome, and how many those are of the rows due.

    A row is due once the outcome delay has passed since its time, or when its outcome came early;
    `pending` rows are not due, and the first of them will be at `next_due`. `observed` and
    `predicted` are the mean outcome and probability of the `received` rows. `scores` is empty
    unless the state is `judged`; `promised` are the bundle's scores on its holdout.
    """

    state: State
    due: int
    pending: int
    received: int
    next_due: datetime | None
    observed: float | None
    predicted: float | None
    scores: dict[Metric, Score]
    promised: dict[Metric, Score]


def judge(
    rows: pd.DataFrame,
    contract: Contract,
    evaluation: Mapping[str, Any],
    settings: Settings,
    as_of: datetime,
) -> Quality:
    """Score the rows that have both `probability` and `outcome`.

    Either column may be lacking. A row without a readable time is due.
    """
    chance, target = _numbers(rows, "probability"), _numbers(rows, "outcome")
    known = chance.notna() & target.notna()
    due_at = _times(rows, contract) + timedelta(days=settings.monitor.outcome_delay_days)
    waiting = (due_at > pd.Timestamp(as_of)) & target.isna()
    due = len(rows) - int(waiting.sum())
    state = _state(rows, due, target[known], settings)
    pair = target[known].to_numpy(), chance[known].to_numpy()
    return Quality(
        state=state,
        due=due,
        pending=int(waiting.sum()),
        received=int(target.notna().sum()),
        next_due=due_at[waiting].min().to_pydatetime() if waiting.any() else None,
        observed=float(target[known].mean()) if known.any() else None,
        predicted=float(chance[known].mean()) if known.any() else None,
        scores=scores.score(*pair, settings.seed) if state == "judged" else {},
        promised={name: Score(**value) for name, value in evaluation["scores"].items()},
    )


def _numbers(rows: pd.DataFrame, name: str) -> pd.Series:
    if name not in rows:
        return pd.Series(float("nan"), index=rows.index, dtype="float64")
    return rows[name].astype("float64")


def _times(rows: pd.DataFrame, contract: Contract) -> pd.Series:
    if contract.time not in rows:
        return pd.Series(pd.NaT, index=rows.index, dtype="datetime64[ns, UTC]")
    return pd.to_datetime(rows[contract.time], utc=True, errors="coerce")


def _state(rows: pd.DataFrame, due: int, target: pd.Series, settings: Settings) -> State:
    if "probability" not in rows:
        return "unscored"
    if "outcome" not in rows:
        return "no outcomes in the file"
    if not len(target):
        return "none came" if due else "not due"
    if len(target) < settings.monitor.minimum_outcomes:
        return "too few"
    return "judged" if 0 < target.mean() < 1 else "one class"
