"""Outcomes that follow the features otherwise than in training: the world, and not the labels.

Labels that were flipped at random, or came with other rows, depend on the features no more than
through the answers. Where the features tell of outcomes far more than answers do, as they did not
on held-out rows, what leads to what has changed.
"""

import numpy as np
import pandas as pd

from shared.log_columns import OUTCOME
from shared.monitoring.case import Case
from shared.profiles.counting_plan import CategoryPlan

ROWS, FEWEST_ROWS = 4_000, 100
# Of a category so many values are told apart, the most frequent first.
MOST_VALUES = 12
# Least squares of each part of the rows are tried on the others.
PARTS, RIDGE = 5, 1.0
# Features explain so much more of the variance of outcomes than answers do, beyond chance.
LEAST_SHARE, SURELY = 0.02, 3.0


def is_changed(case: Case) -> bool:
    """Say whether features tell of the window's outcomes beyond its answers, as not before."""
    target, task = case.bundle.contract.target, case.bundle.task
    before = case.bundle.reference().rename(columns={target: OUTCOME})
    needed = {OUTCOME, *case.bundle.contract.features, *task.score_names}
    found = []
    for rows in (case.profile.sample, before):
        if not needed <= {*rows} or not case.bundle.contract.features:
            return False
        known = rows.dropna(subset=[OUTCOME, *task.score_names]).head(ROWS)
        if len(known) < FEWEST_ROWS:
            return False
        found.append(_share_of_features(known.reset_index(drop=True), case))
    (now, error), (once, error_once) = found
    apart = now - max(once, 0.0)
    return bool(apart > max(LEAST_SHARE, SURELY * float(np.hypot(error, error_once))))


def _share_of_features(rows: pd.DataFrame, case: Case) -> tuple[float, float]:
    """Return which share of outcomes' variance features tell beyond answers, and its error."""
    answers = _answers(rows, case)
    with_features = np.hstack([answers, _features(rows, case)])
    outcomes = _outcomes(rows, case)
    outcomes = outcomes - outcomes.mean(axis=0)
    less = _errors(answers, outcomes) - _errors(with_features, outcomes)
    variance = max(float((outcomes**2).sum(axis=1).mean()), 1e-12)
    return float(less.mean()) / variance, float(less.std()) / variance / len(rows) ** 0.5


def _outcomes(rows: pd.DataFrame, case: Case) -> np.ndarray:
    """Return outcomes as numbers, shape (rows, 1), or one column for each of several classes."""
    task = case.bundle.task
    encoded = task.encode(rows[OUTCOME]).to_numpy("float64")
    if len(task.score_names) > 1:
        return (encoded[:, None] == np.arange(len(task.score_names))).astype("float64")
    # Of outcomes far from all others squares would be all that counts.
    return np.clip(encoded, *np.quantile(encoded, [0.01, 0.99]))[:, None]


def _answers(rows: pd.DataFrame, case: Case) -> np.ndarray:
    """Return scores, their squares and their signs' curve, so that any bend of them is known."""
    scores = rows[[*case.bundle.task.score_names]].to_numpy("float64")
    scores = _standardized(scores)
    return np.hstack([scores, scores**2, np.tanh(2 * scores)])


def _features(rows: pd.DataFrame, case: Case) -> np.ndarray:
    """Return the features as numbers and, of categories, as whether each value is there."""
    found = []
    for name in case.bundle.contract.features:
        planned = case.baseline.plan.by_name.get(name)
        if isinstance(planned, CategoryPlan) or not pd.api.types.is_numeric_dtype(rows[name]):
            values = rows[name].astype(str)
            often = values.value_counts().index[:MOST_VALUES]
            found += [values.eq(value).to_numpy("float64")[:, None] for value in often]
            continue
        held = rows[name].astype("float64")
        numbers = _standardized(held.fillna(held.median()).to_numpy()[:, None])
        found += [numbers, numbers**2]
    return np.nan_to_num(np.hstack(found))


def _standardized(values: np.ndarray) -> np.ndarray:
    middle, spread = np.median(values, axis=0), values.std(axis=0)
    return np.clip((values - middle) / np.where(spread > 0, spread, 1.0), -3, 3)


def _errors(columns: np.ndarray, outcomes: np.ndarray) -> np.ndarray:
    """Return each row's squared error when it is predicted from the other parts of the rows."""
    part = np.random.default_rng(0).permutation(len(columns)) % PARTS
    columns = np.hstack([np.ones((len(columns), 1)), columns])
    errors = np.zeros(len(columns))
    for each in range(PARTS):
        others, own = columns[part != each], columns[part == each]
        square = others.T @ others + RIDGE * np.eye(columns.shape[1])
        weights = np.linalg.solve(square, others.T @ outcomes[part != each])
        errors[part == each] = ((outcomes[part == each] - own @ weights) ** 2).sum(axis=1)
    return errors
