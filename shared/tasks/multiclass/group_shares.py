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
