"""Which of very many columns may predict a column: those that tell the most of it."""

import numpy as np

# Of no more others than these all are taken; of more so many, which are enough for a small tree: it
# splits 15 times at most.
FEW_OTHERS, MOST_OTHERS = 50, 20
# Pairs are compared on so many rows, and so many columns at once with all the others.
ROWS, COLUMNS_AT_ONCE = 3_000, 50


def preselect(classes: dict[str, np.ndarray], predictors: list[str]) -> dict[str, list[str]]:
    """Return the predictors of each column, in their order: all of few, or the best of very many.

    `classes` are the class of each row by column, shape (rows,), -1 for none. Where there are too
    many predictors those stay that have the most mutual information with a column, less what chance
    makes of it (Miller, Note on the bias of information estimates, 1955).
    """
    others = {name: [other for other in predictors if other != name] for name in classes}
    if max(map(len, others.values()), default=0) <= FEW_OTHERS:
        return others
    shared = _information(list(classes.values()), [classes[name] for name in predictors])
    for row, (name, found) in zip(shared, others.items(), strict=True):
        worth = dict(zip(predictors, row.tolist(), strict=True))
        best = set(sorted(found, key=lambda other: -worth[other])[:MOST_OTHERS])
        others[name] = [other for other in found if other in best]
    return others


def _information(columns: list[np.ndarray], others: list[np.ndarray]) -> np.ndarray:
    """Return the mutual information of each column with each other (nats): (columns, others)."""
    width = 1 + max(int(found.max(initial=0)) for found in [*columns, *others])
    rows = np.linspace(0, len(columns[0]) - 1, min(ROWS, len(columns[0]))).astype(int)
    right = _one_hot(others, rows, width)
    found = []
    for first in range(0, len(columns), COLUMNS_AT_ONCE):
        left = _one_hot(columns[first : first + COLUMNS_AT_ONCE], rows, width)
        cells = (left.T @ right).reshape(-1, width, len(others), width)
        found.append(_of_cells(cells / len(rows), len(rows)))
    return np.concatenate(found)


def _one_hot(columns: list[np.ndarray], rows: np.ndarray, width: int) -> np.ndarray:
    made = np.zeros((len(rows), len(columns), width), "float32")
    for at, column in enumerate(columns):
        known = np.flatnonzero(column[rows] >= 0)
        made[known, at, column[rows][known]] = 1
    return made.reshape(len(rows), -1)


def _of_cells(shares: np.ndarray, rows: int) -> np.ndarray:
    """Return the information of shares of shape (columns, classes, others, classes)."""
    one, other = shares.sum(axis=3, keepdims=True), shares.sum(axis=1, keepdims=True)
    ratio = shares / np.maximum(one * other, 1e-12)
    information = (shares * np.log(np.where(shares > 0, ratio, 1))).sum(axis=(1, 3))
    free = ((one > 0).sum(axis=(1, 3)) - 1) * ((other > 0).sum(axis=(1, 3)) - 1)
    return np.asarray(information - free / (2 * rows))
