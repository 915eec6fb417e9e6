"""Rows as an estimator takes them, in a file that it reads as if it were in memory.

LightGBM and XGBoost keep a byte or two of each value, which they read from an array once or a few
times: of one that is mapped from a file, the system holds as much as there is room for.
"""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from shared.model.inputs import model_input
from shared.schema.contract import Contract
from shared.sections.training import Candidate
from shared.training.fitting import boosters
from shared.training.fitting.shuffled_rows import ShuffledRows

# XGBoost reads into bins by these alone, and copies all rows for its others.
BINNED = (None, "auto", "hist")


def reads_from_file(candidate: Candidate, estimator: Any) -> bool:
    """Tell whether a candidate's estimator learns from a file of rows without a copy of them.

    What is encoded as `linear` may be sparse, in which XGBoost takes zeros for missing; what a
    preprocessing of one's own makes is not known before.
    """
    if not boosters.library(estimator):
        return False
    is_binned = getattr(estimator, "tree_method", None) in BINNED
    is_linear = getattr(estimator, "booster", None) == "gblinear"
    return candidate.preprocessing in ("tree", "none") and is_binned and not is_linear


def fit_from_file(
    pipeline: Pipeline, sample: pd.DataFrame, rows: ShuffledRows, contract: Contract
) -> Pipeline:
    """Fit a pipeline's preprocessing on a sample of the rows, and its estimator on all of them."""
    inputs = model_input(sample, contract)
    encoder = pipeline[:-1].fit(inputs, sample[contract.target].to_numpy())
    shown = encoder.transform(inputs.head(1))
    targets: list[np.ndarray] = []
    weights: list[np.ndarray] = []
    with TemporaryDirectory(prefix="millrace-rows-") as folder:
        path = Path(folder) / "rows"
        with path.open("wb") as file:
            for part in rows.parts(0):
                made = encoder.transform(model_input(part.rows, contract))
                np.asarray(made, dtype="float64", order="C").tofile(file)
                targets.append(part.rows[contract.target].to_numpy())
                weights += [] if part.weights is None else [part.weights]
        values = np.memmap(path, "float64", "r", shape=(rows.rows, shown.shape[1]))
        # A frame's names are the estimator's, too.
        names = getattr(shown, "columns", None)
        taken = values if names is None else pd.DataFrame(values, columns=names, copy=False)
        target, counts = np.concatenate(targets), np.concatenate(weights) if weights else None
        if boosters.stops_early(pipeline["model"]):
            boosters.fit_held_out(pipeline["model"], taken, target, counts)
        else:
            given = {} if counts is None else {"sample_weight": counts}
            pipeline["model"].fit(taken, target, **given)
    return pipeline
