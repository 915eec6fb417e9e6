"""Shares of classes: which one is the furthest from its prediction, and how far chance takes it."""

import numpy as np

from shared.schema.contract import listed
from shared.tasks.outcome_statistics import ABOVE, BELOW, TRUE, Bias, Share

UNKNOWN = "unknown classes"
# How much further the furthest of several classes is by chance than one alone, where that is rare.
RARE = 1e-3
# Of a class that hardly ever comes, counts vary more than any multiple of their error allows for.
LEAST_VARIANCE = 2.0


def share_words(of: str) -> str:
    """Return what a share is of as a sentence has it: a class's name in quotes."""
    is_class = of and of not in (UNKNOWN, TRUE, ABOVE, BELOW)
    return repr(of) if is_class and not of.startswith("'") else of


def class_shares(
    observed: np.ndarray, expected: np.ndarray, classes: tuple[str, ...]
) -> dict[str, Share]:
    """Return each class's rows by its name; shapes (classes,)."""
    each = zip(classes, observed.tolist(), expected.tolist(), strict=True)
    return {listed([name]): Share(*rows) for name, *rows in each}


def furthest_share(
    observed: np.ndarray,
    predicted: np.ndarray,
    variances: np.ndarray,
    rows: int,
    classes: tuple[str, ...],
) -> Bias:
    """Return the bias of the class whose share is the furthest from its prediction, by its error.

    Shapes: (classes + 1,), rows of each class that were observed and that were to be expected, and
    their variances; those of the unknown class are last. The bias's error is as much wider as the
    furthest of so many classes is further off by chance than a single one.
    """
    from scipy import special

    variances = variances + LEAST_VARIANCE
    at = int(np.argmax(np.abs(observed - predicted) / np.sqrt(variances)))
    wider = float(special.ndtri(RARE / len(observed)) / special.ndtri(RARE))
    return Bias(
        observed=float(observed[at]) / rows,
        predicted=float(predicted[at]) / rows,
        rows=rows,
        variances=float(variances[at]) * wider**2,
        of=listed([(*classes, UNKNOWN)[at]]),
    )
