"""Groups of a column's values that lie together, and what they tell of a target at a small cost."""

import numpy as np

GROUP_ROWS = 10
# With more rows for each different value than this, a value is a group of its own.
VALUE_ROWS = 4


def value_groups(column: np.ndarray) -> np.ndarray:
    """Return the group of each of n values, from 0: some ten that lie together, alike in one."""
    order = np.argsort(column, kind="stable")
    is_new = np.append(True, np.diff(column[order]) > 0)
    if is_new.sum() * VALUE_ROWS <= len(column):
        groups = np.cumsum(is_new) - 1
    else:
        firsts = np.maximum.accumulate(np.where(is_new, np.arange(len(column)), 0))
        groups = firsts // GROUP_ROWS
    return groups[np.argsort(order, kind="stable")]


def group_means(groups: np.ndarray, truth: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return what the mean of each group's rows is, of those learnt from, and of one from all."""
    learnt, amounts = groups[rows], truth[rows].astype(float)
    count = int(groups.max()) + 1
    sums = np.bincount(learnt, amounts, count) + amounts.mean()
    return np.asarray(sums / (np.bincount(learnt, minlength=count) + 1))


def group_classes(groups: np.ndarray, truth: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return the commonest class, of 0 and up, of each group's rows that are learnt from."""
    classes = int(truth.max()) + 1
    pairs = groups[rows] * classes + truth[rows]
    held = np.bincount(pairs, minlength=(int(groups.max()) + 1) * classes).reshape(-1, classes)
    return np.asarray(held.argmax(axis=1))
