"""Outcomes of the row before or after are told from those that no longer follow the answers."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from shared.monitoring.causes.outcomes import neighbours
from shared.tasks.regression.regression_task import Regression

ROWS = 900


def case(rows: pd.DataFrame, reference: pd.DataFrame, unsampled: int = 0) -> Any:
    contract = SimpleNamespace(time="at", key="id", target="load", categorical=("town", "street"))
    bundle = SimpleNamespace(
        task=Regression(),
        contract=contract,
        manifest=SimpleNamespace(rule=None),
        reference=lambda: reference.rename(columns={"outcome": "load"}),
    )
    # As they are sampled, in no order.
    sample = rows.sample(frac=1, random_state=0, ignore_index=True)
    return SimpleNamespace(
        bundle=bundle, profile=SimpleNamespace(sample=sample, size=len(rows) + unsampled)
    )


def answered(seed: int) -> pd.DataFrame:
    """Return the answers of rows of three towns in turn, and their outcomes."""
    rng = np.random.default_rng(seed)
    prediction = rng.gamma(4, 5, ROWS)
    return pd.DataFrame(
        {
            "id": np.arange(ROWS),
            "at": pd.Timestamp("2025-01-01", tz="UTC") + pd.to_timedelta(np.arange(ROWS), "min"),
            "town": rng.choice(["ulm", "bonn", "kiel"], ROWS),
            # Of each there are too few rows to have an order.
            "street": [f"street {number // 3}" for number in range(ROWS)],
            "prediction": prediction,
            "outcome": prediction + rng.normal(0, 4, ROWS),
        }
    )


@pytest.mark.parametrize(
    ("moved", "unsampled", "words"),
    [
        (lambda rows: rows["outcome"].shift(1), 0, "look like those of the row before"),
        (lambda rows: rows["outcome"].shift(-1), 0, "look like those of the row after"),
        (
            lambda rows: rows.groupby("town")["outcome"].shift(1),
            0,
            "look like those of the row before of the same town",
        ),
        (lambda rows: rows["outcome"].shift(50), 0, "look like those of the row 50 places before"),
        (lambda rows: rows["outcome"].shift(-7), 0, "look like those of the row 7 places after"),
        # Of some of the rows alone it is not known which were side by side.
        (lambda rows: rows["outcome"].shift(1), 1, None),
        (lambda rows: rows["outcome"], 0, None),
        (lambda rows: rows["outcome"] + 9, 0, None),
        (lambda rows: rows["outcome"].sample(frac=1, random_state=1).to_numpy(), 0, None),
    ],
)
def test_outcomes_that_came_with_another_row_are_told(moved, unsampled, words) -> None:
    rows = answered(1)
    told = neighbours.words(case(rows.assign(outcome=moved(rows)), answered(2), unsampled))
    assert told == words


def test_a_forecast_that_repeats_the_last_value_fits_the_row_before_without_any_fault() -> None:
    rng = np.random.default_rng(0)
    calm, wild = (answered(1).assign(outcome=rng.normal(0, s, ROWS).cumsum()) for s in (1, 2))
    repeats = [rows.assign(prediction=rows["outcome"].shift(1)) for rows in (wild, calm)]
    assert neighbours.words(case(*repeats)) is None
