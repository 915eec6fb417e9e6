"""A declared simulation of selective labels: what a model acts on has no outcome, but by chance."""

import numpy as np
import pyarrow as pa

from shared.policies.let_through import decide
from shared.sections.answers import Action


def applications(
    rows: int, seed: int, action: Action, odds: float = 1.0
) -> tuple[pa.Table, np.ndarray]:
    """Return rows as a log has them, and every outcome, also those that nobody sees.

    The model is right of what it does not act on. Of what it acts on, from a probability of 0.3,
    outcomes have so many times the odds that it says.
    """
    random = np.random.default_rng(seed)
    said = 1 / (1 + np.exp(-random.normal(-1.2, 1.1, rows)))
    predicted = said >= 0.3
    decided = decide(predicted, range(rows), action.model_copy(update={"seed": seed}))
    times = np.where(predicted == action.on, odds, 1.0)
    true = random.random(rows) < times * said / (1 - said + times * said)
    table = pa.table(
        {
            "probability": said,
            "action": decided.acted,
            "propensity": decided.propensity,
            "outcome": pa.array(true.astype("float64"), mask=decided.acted),
        }
    )
    return table, true
