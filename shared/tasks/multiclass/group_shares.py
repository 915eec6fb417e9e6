"""The shares of classes in groups of rows: what is usual where a row comes from."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from shared.settings import Settings

# Rows that pull a small group's shares towards the overall ones.
PSEUDO_ROWS = 20
# A class without rows to learn from has this part of a row: nothing is impossible.
PART_OF_ROW = 0.5


def group_shares(
    train: pd.DataFrame, rows: pd.DataFrame, classes: Sequence[str], settings: Settings
) -> np.ndarray:
    """Return the classes' shares among the training rows of each row's group (the settings').

    The target of `train` is a class's place among `classes`. Shape (rows, classes); small groups
    are pulled towards the overall shares, and unseen ones get these.
    """
    codes, names = train[settings.target].to_numpy(), list(classes)
    of_class = (codes[:, None] == np.arange(len(names))).astype("float64")
    overall = of_class.sum(axis=0) + PART_OF_ROW
    overall /= overall.sum()
    if not settings.baseline:
        return np.tile(overall, (len(rows), 1))
    groups = list(settings.baseline)
    counts = pd.DataFrame(of_class, columns=names).assign(rows=1.0)
    sums = counts.groupby([train[name].to_numpy() for name in groups], dropna=False).sum()
    known = sums[names].add(PSEUDO_ROWS * overall).div(sums["rows"] + PSEUDO_ROWS, axis=0)
    joined = rows[groups].merge(known, left_on=groups, right_index=True, how="left")
    found = joined[names].to_numpy("float64")
    return np.where(np.isnan(found), overall, found)
