"""Outcomes that follow the features otherwise than in training: the world, and not the labels.

Labels that were flipped at random, or came with other rows, depend on the features no more than
through the answers. Where the features tell of outcomes far more than answers do, as they did not
on held-out rows, what leads to what has changed.
"""

from typing import NamedTuple

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
# Another world would have features tell at least so much of what answers no longer do.
MOST_OF_IT = 0.5


def is_changed(case: Case) -> bool:
    """Say whether features tell of the window's outcomes beyond its answers, as not before."""
    sides = _sides(case)
    if sides is None:
        return False
    more, error = _more_of_features(sides)
    return more > max(LEAST_SHARE, SURELY * error)


def are_looser(case: Case) -> bool:
    """Say whether outcomes follow the answers less than before, alike whatever the features are.

    So do labels that are wrong anywhere. Of rows that are harder to predict, outcomes follow each
    step of the answers as before, which are nearer to each other; and where another world leads to
    other outcomes, features tell some of what answers no longer do.
    """
    sides = _sides(case)
    if sides is None:
        return False
    (slope, error), (once, error_once) = (_slope(one.scores, one.outcomes) for one in sides)
    fell = once - slope > SURELY * float(np.hypot(error, error_once))
    now, before = (float(one.unexplained.mean()) for one in sides)
    more, error = _more_of_features(sides)
    return bool(fell and more + SURELY * error <= MOST_OF_IT * (now - before))


class _Side(NamedTuple):
    """Rows of the window, or held-out ones: what outcomes are, and what answers leave unexplained.

    `scores` and `outcomes` are of shape (rows, outcomes); `unexplained` is by answers alone, and
    `gained` how much less it is with features: shares of the variance, shape (rows,).
    """

    scores: np.ndarray
    outcomes: np.ndarray
    unexplained: np.ndarray
    gained: np.ndarray


def _sides(case: Case) -> tuple[_Side, _Side] | None:
    """Return the window's rows and the held-out ones; None where either are too few to tell."""
    target, task = case.bundle.contract.target, case.bundle.task
    before = case.bundle.reference().rename(columns={target: OUTCOME})
    needed = {OUTCOME, *case.bundle.contract.features, *task.score_names}
    found = []
    for rows in (case.profile.sample, before):
        if not needed <= {*rows} or not case.bundle.contract.features:
            return None
        known = rows.dropna(subset=[OUTCOME, *task.score_names]).head(ROWS)
        if len(known) < FEWEST_ROWS:
            return None
        found.append(_side(known.reset_index(drop=True), case))
    return found[0], found[1]


def _side(rows: pd.DataFrame, case: Case) -> _Side:
    answers, outcomes = _answers(rows, case), _outcomes(rows, case)
    apart = outcomes - outcomes.mean(axis=0)
    variance = max(float((apart**2).sum(axis=1).mean()), 1e-12)
    alone = _errors(answers, apart) / variance
    both = _errors(np.hstack([answers, _features(rows, case)]), apart) / variance
    scores = rows[[*case.bundle.task.score_names]].to_numpy("float64")
    return _Side(scores, outcomes, alone, alone - both)


def _more_of_features(sides: tuple[_Side, _Side]) -> tuple[float, float]:
    """Return how much more of outcomes' variance features tell than before, and its error."""
    now, once = (float(one.gained.mean()) for one in sides)
    error = np.hypot(*(one.gained.std() / len(one.gained) ** 0.5 for one in sides))
    return now - max(once, 0.0), float(error)


def _slope(scores: np.ndarray, outcomes: np.ndarray) -> tuple[float, float]:
    """Return the slope of outcomes on scores, of all classes together, and its error.

    The error allows for outcomes that vary more at some scores (White 1980).
    """
    apart, of = scores - scores.mean(axis=0), outcomes - outcomes.mean(axis=0)
    square = max(float((apart**2).sum()), 1e-12)
    slope = float((apart * of).sum()) / square
    left = (apart * (of - slope * apart)).sum(axis=1)
    return slope, float(np.sqrt((left**2).sum())) / square


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
