"""Outcomes that are one number far more often look filled in, where the others are as before."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from shared.monitoring.causes.outcomes.filled_outcomes import filled_words
from shared.monitoring.outcomes.losses import Loss
from shared.tasks.regression.regression_task import Regression

ROWS = 400
LOST = Loss("mae", 560.0, 260.0, 300.0, 100.0, 24.0, 336, 19)


def case(change: Any) -> Any:
    """Return the case of rents, of which a twentieth is 0 on the holdout, with a change of them."""
    rng = np.random.default_rng(0)
    answers = rng.uniform(700, 1_500, ROWS).round()
    rents = np.where(np.arange(ROWS) % 20 == 0, 0, answers + rng.normal(0, 150, ROWS).round())
    held = pd.DataFrame({"rent": rents})
    bundle = SimpleNamespace(
        task=Regression(), contract=SimpleNamespace(target="rent"), reference=lambda: held
    )
    sample = pd.DataFrame({"prediction": answers, "outcome": change(rents, rng)})
    return SimpleNamespace(bundle=bundle, profile=SimpleNamespace(sample=sample))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            lambda rents, _: np.where(np.arange(ROWS) % 10 < 3, 0, rents),
            "30.0% of them are 0, on the holdout 5.0%",
        ),
        (
            lambda rents, _: np.where(np.arange(ROWS) % 10 == 3, 120_000, rents),
            "10.0% of them are 120,000, on the holdout 0.0%",
        ),
        (lambda rents, _: np.full(ROWS, -1.0), "100.0% of them are -1, on the holdout 0.0%"),
        (lambda rents, _: rents, None),
        # Where the others have changed as well, it is not all of the loss.
        (
            lambda rents, rng: np.where(np.arange(ROWS) % 10 < 3, 0, rng.permutation(rents) * 2),
            None,
        ),
    ],
)
def test_one_number_in_place_of_true_ones_is_named(change: Any, words: str | None) -> None:
    assert filled_words(case(change), LOST) == words
