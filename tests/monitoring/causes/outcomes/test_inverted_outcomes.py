"""Outcomes that were turned round are told by the loss alone where next to all are one class."""

import numpy as np
import pandas as pd
import pytest

from shared.monitoring.causes.outcomes.inverted_outcomes import are_inverted
from shared.monitoring.outcomes.losses import Loss
from shared.tasks.binary.binary_task import Binary

ROWS = 1_200
LOST = Loss("log_loss", 6.7, 0.017, 6.7, 0.09, 0.02, 24, 29)


@pytest.mark.parametrize(
    ("true", "inverted"),
    [
        # Three failures among 1,200 rows, told the other way round.
        (lambda failed, _: ~failed, True),
        # A twentieth of the rows fails by chance: that is another world, or another fault.
        (lambda failed, rng: failed | (rng.random(ROWS) < 0.05), False),
        (lambda failed, _: failed, False),
    ],
)
def test_rare_failures_that_are_told_the_other_way_round_are_inverted(true, inverted) -> None:
    rng = np.random.default_rng(0)
    failed = np.arange(ROWS) % 400 == 0
    rows = pd.DataFrame({"probability": np.full(ROWS, 0.0025), "outcome": true(failed, rng)})
    assert are_inverted(rows, Binary(), LOST) is inverted


def test_rows_without_outcomes_are_not_inverted() -> None:
    assert not are_inverted(pd.DataFrame({"probability": [0.1]}), Binary(), LOST)
