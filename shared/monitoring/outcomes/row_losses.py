"""What each row of a window's sample with an outcome has cost."""

import numpy as np
import pandas as pd

from shared.log_columns import OUTCOME
from shared.model.bundle import Bundle
from shared.monitoring.case import Case
from shared.tasks.task import stacked


def row_losses(case: Case) -> np.ndarray:
    """Return the loss of each row of the sample: shape (rows,), 0 without an outcome or answer."""
    return losses_of(case.profile.sample, case.bundle)


def losses_of(rows: pd.DataFrame, bundle: Bundle) -> np.ndarray:
    """Return the loss of each of some rows with answers and outcomes, as above."""
    task, lost = bundle.task, np.zeros(len(rows))
    if not {OUTCOME, *task.score_names} <= {*rows.columns}:
        return lost
    scores = {n: pd.to_numeric(rows[n], errors="coerce").to_numpy() for n in task.score_names}
    finite = np.isfinite(np.stack(list(scores.values()))).all(axis=0)
    known = rows[OUTCOME].notna().to_numpy() & finite
    if not known.any():
        return lost
    given = stacked({name: found[known] for name, found in scores.items()}, task.score_names)
    measured = task.measured(given, bundle.manifest.rule, rows[known])
    outcomes = task.encode(rows[OUTCOME][known]).to_numpy("float64")
    lost[known] = task.losses(outcomes, measured)
    return lost
