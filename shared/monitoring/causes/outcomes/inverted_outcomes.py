"""Outcomes of yes or no that were turned round, told by how likely the answers make them.

Where next to all are of one class, as failures and frauds are, no score but the loss tells it.
"""

import numpy as np
import pandas as pd

from shared.log_columns import OUTCOME
from shared.monitoring.outcomes.losses import Loss
from shared.tasks.task import Task

# With classes exchanged, outcomes are this much likelier, as a logarithm, where that is no chance.
LEAST_GAIN = 20.0
# No answer is so sure that an outcome speaks against it more than this.
LEAST_CHANCE = 1e-3


def are_inverted(rows: pd.DataFrame, task: Task, lost: Loss) -> bool:
    """Say whether outcomes that have lost log loss are turned round as likely as they were."""
    score = task.score_names[0]
    if not {OUTCOME, score} <= {*rows.columns}:
        return False
    known = rows[[OUTCOME, score]].dropna()
    chance = known[score].to_numpy("float64").clip(LEAST_CHANCE, 1 - LEAST_CHANCE)
    is_true = task.encode(known[OUTCOME]).to_numpy() == 1
    own, other = np.where(is_true, [chance, 1 - chance], [1 - chance, chance])
    gain = np.log(other / own).sum()
    return bool(gain >= LEAST_GAIN and -np.log(other).mean() <= lost.expected + lost.threshold)
