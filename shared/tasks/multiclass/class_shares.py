"""Shares of classes: usual ones in groups of rows, and how far one is from its prediction."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from shared.schema.contract import listed
from shared.settings import Settings
from shared.tasks.outcome_statistics import ABOVE, BELOW, TRUE, Bias, Share

UNKNOWN = "unknown classes"
# How much further the furthest of several classes is by chance than one alone, where that is rare.
RARE = 1e-3
# Of a class that hardly ever comes, counts vary more than any multiple of their error allows for.
LEAST_VARIANCE = 2.0
# Rows that pull a small group's shares towards the overall ones.
PSEUDO_ROWS = 20
# A class without rows to learn from has this part of a row: nothing is impossible.
PART_OF_ROW = 0.5


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


def group_shares(
    train: pd.DataFrame, rows: pd.DataFrame, classes: Sequence[str], settings: Settings
) -> np.ndarray:
    """Return the classes' shares among the training rows of each row's group (the settings').

    The target of `train` is a class's place among `classes`. Shape (rows, classes); small groups
    are pulled towards the overall shares, and unseen ones get these.
    """
    codes = train[settings.target].to_numpy()
    of_class = (codes[:, None] == np.arange(len(classes))).astype("float64")
    overall = of_class.sum(axis=0) + PART_OF_ROW
    overall /= overall.sum()
    if not settings.baseline:
        return np.tile(overall, (len(rows), 1))
    groups = list(settings.baseline)
    # Classes by their places: one may be called as a column is.
    grouped = pd.DataFrame(of_class).groupby([train[n].to_numpy() for n in groups], dropna=False)
    known = grouped.sum().add(PSEUDO_ROWS * overall).div(grouped.size() + PSEUDO_ROWS, axis=0)
    joined = rows[groups].merge(known, left_on=groups, right_index=True, how="left")
    found = joined[[*range(len(classes))]].to_numpy("float64")
    return np.where(np.isnan(found), overall, found)
