"""Outcomes that came with another row: they fit the answers of the row before or after far better.

Where rows were joined by their place, or a feed is a row behind, each outcome has moved on by one:
in all rows, or in those of each group, such as a station.
"""

import itertools
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from shared.log_columns import OUTCOME
from shared.monitoring.case import Case
from shared.monitoring.outcomes.row_losses import losses_of

# Groups of fewer rows, on average, have no order to speak of.
FEWEST_EACH = 10
# So many standard errors better is no chance, of all that are tried.
SURELY = 5.0
# Of what the rows have lost so much is gone. Where more is than was lost, answers themselves are
# those of the row before, as a forecast is that repeats the last value.
GONE = (0.5, 1.25)
ROWS = {1: "the row before", -1: "the row after"}
# As far away a row is looked for whose outcomes they are.
FARTHEST = 200


def words(case: Case) -> str | None:
    """Say of which other rows outcomes look; None where they fit their own about as well.

    Of a sample it is not known which rows were side by side.
    """
    rows, contract = case.profile.sample, case.bundle.contract
    if len(rows) < case.profile.size or not {OUTCOME, contract.time, contract.key} <= {*rows}:
        return None
    rows = rows.sort_values([contract.time, contract.key], ignore_index=True)
    before = case.bundle.reference().rename(columns={contract.target: OUTCOME})
    once = _mean(losses_of(before, case.bundle), before[OUTCOME].notna())
    came, found = losses_of(rows, case.bundle), dict[str, float]()
    tried = itertools.chain(_moved_back(rows, contract.categorical), _moved_far(rows, case))
    for said, moved in tried:
        known = (rows[OUTCOME].notna() & moved.notna()).to_numpy()
        undone = losses_of(rows.assign(**{OUTCOME: moved}), case.bundle)
        less, extra = (came - undone)[known], _mean(came, known) - once
        error = less.std() / max(len(less), 1) ** 0.5
        is_gone = extra > 0 and GONE[0] <= less.mean() / extra <= GONE[1]
        if is_gone and less.mean() > SURELY * error:
            found[said] = float(less.mean())
    return f"look like those of {max(found, key=lambda one: found[one])}" if found else None


def _moved_back(rows: pd.DataFrame, categorical: Sequence[str]) -> Iterator[tuple[str, pd.Series]]:
    """Yield in words which row's outcomes each has, and those that it would have else."""
    groups = [
        name
        for name in categorical
        if name in rows and 2 <= rows[name].nunique() <= len(rows) / FEWEST_EACH
    ]
    for name, step in itertools.product((None, *groups), ROWS):
        if name is None:
            yield ROWS[step], rows[OUTCOME].shift(-step)
        else:
            by_group = rows.groupby(name, sort=False, observed=True)[OUTCOME]
            yield f"{ROWS[step]} of the same {name}", by_group.shift(-step)


def _moved_far(rows: pd.DataFrame, case: Case) -> Iterator[tuple[str, pd.Series]]:
    """Yield the outcomes of the one row farther away whose answers they follow the most, if any."""
    task, farthest = case.bundle.task, min(FARTHEST, len(rows) // FEWEST_EACH)
    if not {*task.score_names} <= {*rows}:
        return
    answers = rows[[*task.score_names]].to_numpy("float64")
    encoded = task.encode(rows[OUTCOME].dropna()).reindex(rows.index).to_numpy("float64")
    outcomes = encoded[:, None]
    if answers.shape[1] > 1:
        outcomes = np.where(np.isnan(outcomes), np.nan, outcomes == np.arange(answers.shape[1]))
    steps = [step for step in range(-farthest, farthest + 1) if abs(step) > 1]
    if not steps:
        return
    step = max(steps, key=lambda one: _followed(answers, outcomes, one))
    side = "before" if step > 0 else "after"
    yield f"the row {abs(step)} places {side}", rows[OUTCOME].shift(-step)


def _followed(answers: np.ndarray, outcomes: np.ndarray, step: int) -> float:
    """Return the covariance of answers with the outcomes of rows so many before them."""
    later, earlier = (outcomes[step:], answers[: len(answers) - step])
    if step < 0:
        later, earlier = outcomes[:step], answers[-step:]
    known = np.isfinite(later).all(axis=1) & np.isfinite(earlier).all(axis=1)
    if known.sum() < FEWEST_EACH:
        return 0.0
    apart, of = (side[known] - side[known].mean(axis=0) for side in (earlier, later))
    return float((apart * of).sum(axis=1).mean())


def _mean(losses: np.ndarray, known: "pd.Series | np.ndarray") -> float:
    of_known = losses[np.asarray(known)]
    return float(of_known.mean()) if len(of_known) else 0.0
