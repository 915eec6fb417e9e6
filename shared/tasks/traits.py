"""Traits of answers: how outcomes follow them, in numbers that last where metrics do not.

A hard week costs ROC AUC and log loss, and is nobody's fault; outcomes that are flipped, shifted or
of another definition follow the answers less, or come more or less often than they did.
"""

from collections.abc import Mapping

import numpy as np

from shared.tasks.outcome_statistics import HALF_A_ROW, TRUE, Share, Trait

CALIBRATION_SLOPE, SLOPE = "calibration slope", "slope of outcomes on answers"
SLOPES = (CALIBRATION_SLOPE, SLOPE)
ERROR_SIZE, MEAN_ERROR = "size of errors", "mean error"
UNANSWERED, SHARE_OF = "share without an outcome", "share of "
STEPS, LONGEST_STEP, SHORTEST_STEP, CHANCE_EDGE = 50, 1.0, 1e-6, 1e-6


def slope(outcome: np.ndarray, answer: np.ndarray, rows: np.ndarray, within: float = 0.0) -> Trait:
    """Return the least-squares slope of outcomes on answers, that so many rows have.

    All of one shape; `within` is the variance of answers that they do not show. The error allows
    for outcomes that vary more at some answers (White 1980).
    """
    total = rows.sum()
    centred = answer - (rows * answer).sum() / total
    apart = outcome - (rows * outcome).sum() / total
    variance = (rows * centred**2).sum() / total
    if not variance > 0:
        return Trait(np.nan, np.nan, -1)
    found = (rows * centred * apart).sum() / total / variance
    unexplained = centred * (apart - found * centred)
    error = np.sqrt((rows * unexplained**2).sum()) / total / (variance + within)
    # What bins do not show of answers, outcomes are taken to follow as they are expected to.
    value = (found * variance + within) / (variance + within)
    return Trait(float(value), float(error), -1)


def classes_slope(chances: np.ndarray, others: np.ndarray, own: np.ndarray) -> Trait:
    """Return the slope that all classes have together, each around its own means.

    Shapes (classes, places): probabilities, and the rows that are not, and are, of the class.
    """
    rows = np.stack([others, own])
    total = np.maximum(rows.sum(axis=(0, 2)), 1)[:, None]
    outcome = np.stack([0 - own.sum(axis=1)[:, None] / total, 1 - own.sum(axis=1)[:, None] / total])
    answer = chances - ((others + own) * chances).sum(axis=1)[:, None] / total
    return slope(np.broadcast_to(outcome, rows.shape), np.broadcast_to(answer, rows.shape), rows)


def calibration_slope(chance: np.ndarray, negatives: np.ndarray, positives: np.ndarray) -> Trait:
    """Return the slope of a logistic regression of outcomes on the log odds of probabilities.

    Of calibrated ones it is 1 (Cox, Two further applications of a model for binary regression,
    1958). The likelihood is penalised (Firth, Bias reduction of maximum likelihood estimates,
    1993): where probabilities part the outcomes, it has no largest value without. All of shape
    (places,).
    """
    within = np.clip(chance, CHANCE_EDGE, 1 - CHANCE_EDGE)
    inputs = np.stack([np.ones(len(chance)), np.log(within / (1 - within))], axis=1)
    rows, found = negatives + positives, np.array([0.0, 1.0])
    for _ in range(STEPS):
        expected = 1 / (1 + np.exp(-np.clip(inputs @ found, -30, 30)))
        held = rows * expected * (1 - expected)
        curvature = inputs.T @ (inputs * held[:, None])
        if not np.linalg.cond(curvature) < 1 / np.finfo("float64").eps:
            return Trait(np.nan, np.nan, -1)
        covariance = np.linalg.inv(curvature)
        leverage = held * ((inputs @ covariance) * inputs).sum(axis=1)
        score = positives - rows * expected + leverage * (0.5 - expected)
        step = covariance @ (inputs.T @ score)
        found = found + np.clip(step, -LONGEST_STEP, LONGEST_STEP)
        if np.abs(step).max() < SHORTEST_STEP:
            break
    return Trait(float(found[1]), float(np.sqrt(covariance[1, 1])), -1)


def probability_traits(
    chance: np.ndarray, negatives: np.ndarray, positives: np.ndarray
) -> dict[str, Trait]:
    """Return the traits of probabilities that so many negatives and positives have."""
    outcome, both = np.repeat([0.0, 1.0], len(chance)), np.tile(chance, 2)
    return {
        CALIBRATION_SLOPE: calibration_slope(chance, negatives, positives),
        SLOPE: slope(outcome, both, np.concatenate([negatives, positives])),
    }


def share_traits(shares: Mapping[str, Share]) -> dict[str, Trait]:
    """Return how many times as many outcomes of each kind came as were expected."""
    return {
        f"{SHARE_OF}{name or TRUE}": Trait(
            float(np.log((share.observed + HALF_A_ROW) / (share.expected + HALF_A_ROW))),
            float(1 / np.sqrt(max(share.observed, share.expected) + HALF_A_ROW)),
            ratio=True,
        )
        for name, share in shares.items()
    }


def residual_traits(residual: np.ndarray, rows: np.ndarray) -> dict[str, Trait]:
    """Return the mean of residuals, and how large they are; of so many rows each."""
    total, size = rows.sum(), np.abs(residual)
    mean, large = ((rows * each).sum() / total for each in (residual, size))
    found = {MEAN_ERROR: Trait(float(mean), _error(residual, mean, rows))}
    if large > 0:
        relative = _error(size, large, rows) / large
        found[ERROR_SIZE] = Trait(float(np.log(large)), float(relative), 1, ratio=True)
    return found


def unanswered(without: int, rows: int) -> Trait:
    """Return the share of rows that are due, and have no outcome."""
    share = without / rows
    return Trait(share, float(np.sqrt((without + HALF_A_ROW) / rows / rows)), 1)


def _error(values: np.ndarray, mean: float, rows: np.ndarray) -> float:
    return float(np.sqrt((rows * (values - mean) ** 2).sum()) / rows.sum())
